"""The verbs, each readable as the spine: check, data, split, training, run, figures."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun import resumption
from nnrun.check import examine, examine_file, known
from nnrun.check.data import Seen, look
from nnrun.check.devices import nodes as calls
from nnrun.check.inputs import tokens
from nnrun.config import Config, read_config
from nnrun.config.changes import changes
from nnrun.data import bad
from nnrun.data.dataset import Dataset
from nnrun.data.files import Roots, fingerprint
from nnrun.devices import begin
from nnrun.devices.plan import Plan
from nnrun.errors import NnrunError, StoppedError, StorageError, UsageError
from nnrun.model import earlier
from nnrun.reading import read_rows
from nnrun.runs.run import Run, place
from nnrun.training.progress import Progress
from nnrun.training.stopping import Stop

if TYPE_CHECKING:
    from nnrun.model.overview import Overview
    from nnrun.training.recorder import Recorder


@dataclass(frozen=True)
class Options:
    """What every verb shares: where runs go, where data lies, and who is told about the progress."""

    runs: Path | str = Path("runs")
    name: str | None = None
    data_root: Path | str | None = None
    allow_download: bool = False
    smoke: bool = False
    init_from: Run | None = None
    argv: Sequence[str] = ()
    progress: Progress = field(default_factory=Progress)
    stop: Stop = field(default_factory=Stop)


def load(
    config: Config | Path | str,
    overrides: Sequence[str] = (),
    options: Options | None = None,
    *,
    cross_validation: bool = False,
) -> Config:
    """A config, checked as far as it can be without its data; raises every problem at once.

    One that lies in a run's folder and has no name of its own, as `config.yaml`, is named like that run.
    """
    folder = config.folder if isinstance(config, Config) else Path(config).parent
    roots = roots_of(folder, (options := options or Options()).data_root)
    if isinstance(config, Config) and overrides:
        what = "overrides belong to a file, and the config is read already"
        raise UsageError(what, expected="`load_config(path, overrides)`", hint="or give the file's path here")
    with earlier.among(options.runs):
        if isinstance(config, Config):
            found = examine(config, roots, cross_validation=cross_validation)
        else:
            found = examine_file(config, overrides, roots, cross_validation=cross_validation)
    checked = found.checked()
    for warning in found.warnings:
        options.progress.say(f"warning: {warning}")
    told = {} if checked.document.data.get("name") else Run(folder).info
    name = told.get("config_name", told.get("name"))
    return replace(checked, name=str(name)) if name else checked


def train(config: Config, options: Options | None = None) -> Run:
    """Trains a checked config once and gives the run."""
    return _train(config, options or Options())


def cross_validate(config: Config, options: Options | None = None) -> Run:
    """Trains once a fold and gives the run that holds them; every row outside the test part is held out once."""
    return _cross_validate(config, options or Options())


def resume(path: Path | str, overrides: Sequence[str] = (), options: Options | None = None) -> Run:
    """Goes on with a run from its newest snapshot, to the same bits as if it had never ended.

    `overrides` may change epochs and patience; with more of them a complete training goes on too.
    """
    options, run = options or Options(), Run.open(Path(path))
    resumption.refuse_part(run)
    resumption.refuse_edited(run)
    kept, folds = resumption.overrides(run), run.info.get("kind") == "cv"
    config = load(run.path / "config.yaml", [*kept, *overrides], options, cross_validation=folds)
    resumption.refuse_other_code(run, config)
    begun, _ = read_config(run.path / "config.yaml", kept)
    found = changes(begun.document, config.document) if begun is not None else []
    resumption.refuse_changes(run, found, config)
    resumption.refuse_ended(run, longer=any(change.is_longer for change in found))
    resumption.refuse_fewer_epochs(run, config)
    if begun is not None:
        resumption.refuse_averaged(run, begun.fit.epochs, config)
    options = replace(options, runs=run.path.parent, smoke=bool(run.info.get("smoke")))
    return _cross_validate(config, options, run) if folds else _train(config, options, run)


def go_on(config: Config, options: Options, *, cross_validation: bool = False) -> Run | None:
    """Goes on with the newest unfinished run of a config; None where there is none."""
    kind = "cv" if cross_validation else "train"
    runs = Path(options.runs)
    found = resumption.to_go_on(config, runs, kind, smoke=options.smoke, name=options.name, init_from=options.init_from)
    if found is None:
        options.progress.say(f"no unfinished run of this config in {runs}: a new one begins")
        return None
    resumption.refuse_other_code(found[0], config)
    return resume(found[0].path, found[1], options)


def _train(config: Config, options: Options, run: Run | None = None) -> Run:
    config = replace(config, name=options.name or config.name)
    with _running(config, options):
        dataset = read_data(config, options)

        from nnrun.training.division import divide
        from nnrun.training.trainer import Job, Networks, train

        split = divide(config, dataset)
        options.progress.say(f"split: {split.how}")
        seen = _agree(config, dataset, split.train, options, cross_validation=False)
        with _computing(config, seen, options, run) as devices:
            recorder = _recorder(config, options, dataset, "train", split.how, run, seen)
            told = options.progress, options.stop, Networks()
            job = Job(config, dataset, split, recorder, *told, weights_from=recorder.init_from, plan=devices)
            with _drawn(recorder, config):
                train(job)
    return draw(recorder.path, config.report.figures)


def _cross_validate(config: Config, options: Options, run: Run | None = None) -> Run:
    config = replace(config, name=options.name or config.name)
    with _running(config, options):
        dataset = read_data(config, options)

        from nnrun.studies import folds
        from nnrun.studies.plan import plan

        planned = plan(config, dataset)
        options.progress.say(f"folds: {planned.how}")
        seen = _agree(config, dataset, planned.folded, options, cross_validation=True)
        with _computing(config, seen, options, run) as devices:
            recorder = _recorder(config, options, dataset, "cv", planned.how, run, seen)
            with _drawn(recorder, config):
                folds.run(config, dataset, planned, recorder, options.progress, options.stop, devices)
    return draw(recorder.path, config.report.figures)


def read_data(config: Config, options: Options) -> Dataset:
    """All rows of the config's sources, ready to be parted."""
    from nnrun.model import framework

    roots = roots_of(config.folder, options.data_root)
    return read_rows(config, roots, options.progress, framework.download if options.allow_download else None)


def inspect(config: Config, options: Options | None = None) -> Overview:
    """The model of a checked config as its training would build it, in numbers; reads the data and writes nothing."""
    options = options or Options()
    with _running(config, options):
        from nnrun.training import inspection

        return inspection.inspect(config, read_data(config, options))


def draw(path: Path, figures: Sequence[str] | None = None) -> Run:
    """Draws the figures and the report of a run folder, from the folder alone."""
    from nnrun.report import draw
    from nnrun.report.page import write_page

    run = Run.open(path)
    draw.draw(run, figures)
    write_page(run)
    return run


def roots_of(config_folder: Path, data_root: Path | str | None) -> Roots:
    """Where a config's paths are looked up: its folder, --data-root, NNRUN_DATA, the current folder.

    The copy of a config in a run folder looks where the original lay.
    """
    begun = Run(config_folder).info
    origin, root = begun.get("config"), data_root or begun.get("data_root")
    named = [Path(origin).parent if origin else None, root, os.environ.get("NNRUN_DATA"), Path.cwd()]
    return Roots(config_folder, tuple(dict.fromkeys(Path(root) for root in named if root)))


@contextmanager
def _running(config: Config, options: Options) -> Iterator[None]:
    """Signals are heard, and the backend is there; Keras itself is loaded when the run folder stands."""
    from nnrun.model import framework

    framework.use(config.runtime.backend)
    framework.allow_download(options.allow_download)
    with options.stop.listening(), config.names(), earlier.among(options.runs):
        yield


@contextmanager
def _drawn(recorder: Recorder, config: Config) -> Iterator[None]:
    """What failed or diverged is drawn too; who stops a run wants to get out, and a full disk takes no figures."""
    try:
        yield
    except (StoppedError, StorageError):
        raise
    except Exception:
        with suppress(NnrunError):  # what ended the run is worth more than why it could not be drawn
            draw(recorder.path, config.report.figures)
        raise


@contextmanager
def _computing(config: Config, seen: Seen, options: Options, run: Run | None) -> Iterator[Plan]:
    """What computes is decided, told in a line, and in force; a run that goes on is held to what it was begun with."""
    from nnrun.model import framework

    with begin.in_force(config, calls(config, seen)) as plan:
        if run is not None:
            resumption.refuse_other_plan(run, plan)
        options.progress.say(f"device: {plan.line}")
        framework.smoke(options.smoke)
        try:
            yield plan
        finally:
            framework.smoke(False)


def _agree(config: Config, dataset: Dataset, rows: Any, options: Options, *, cross_validation: bool) -> Seen:
    """The tasks are known now: what could not be checked before is checked before a run folder is made."""
    from nnrun.training.answers import answers

    seen = look(config, roots_of(config.folder, options.data_root))
    models = {id(fit.model): fit for fit in config.fits}
    found = {key: answers(fit, dataset, rows, list(seen.shapes), tokens(config)) for key, fit in models.items()}
    tasks = [{name: answer.task.name for name, answer in found[id(fit.model)].items()} for fit in config.fits]
    known.require(config, seen, tasks, cross_validation=cross_validation)
    return seen


def _recorder(
    config: Config, options: Options, dataset: Dataset, kind: str, how: str, run: Run | None, seen: Seen
) -> Recorder:
    """The folder of a new run, or of the one that goes on; from here on a signal says how to go on."""
    from nnrun.training.recorder import Recorder, csv_text

    about = {
        "format": 1,
        "source": config.data.source.to_data(),
        "description": dataset.description,
        "rows": dataset.size,
        "classes": {name: list(names) for name, names in dataset.classes.items()},
        **({"bad_rows": bad.summary(dataset.bad, config.data.on_bad)} if dataset.bad else {}),
        "files": fingerprint(dataset.files, dataset.archives),
    }
    if run is not None:
        resumption.refuse_other_data(run, about["files"])
        recorder = Recorder.reopen(run.path, config.overrides)
    else:
        for twin in resumption.unfinished(config, Path(options.runs), kind, smoke=options.smoke)[:1]:
            if twin.status != "running":
                what = "is of the same config and unfinished; to go on with it"
                options.progress.say(f"{place(twin.path)} {what}: {resumption.advice(twin)}")
        begun = Run(config.folder).info  # of another run, where the config is its copy
        root = options.data_root or begun.get("data_root")
        info = {
            "kind": kind,
            "config_name": config.name,
            "config": begun.get("config") or str(Path(config.document.file).absolute()),
            "seed": config.seed,
            "overrides": list(config.overrides),
            "fingerprints": resumption.fingerprints(config.written, about["files"]),
            "smoke": options.smoke,
            "split": how,
            **({"plugins": {file.name: file.sha256 for file in config.plugins}} if config.plugins else {}),
            **({"data_root": str(Path(root).absolute())} if root else {}),
            **({"init_from": str(options.init_from.path)} if options.init_from else {}),
        }
        name = f"{config.name}-smoke" if options.smoke else config.name
        copied, networks = earlier.copies(earlier.begun_with(config, calls(config, seen)))
        files = {**config.files, "data.json": about, **copied}
        info |= {earlier.FOLDER: networks} if networks else {}
        if dataset.bad and config.data.on_bad == "report":
            files["bad_rows.csv"] = csv_text(bad.COLUMNS, bad.rows_of(dataset.bad)).encode()
        recorder = Recorder.new(Path(options.runs), name, info, options.argv, files)
    options.progress.say(f"run: {place(recorder.path)}")
    options.stop.advice = f"go on with: {resumption.advice(recorder.path)}"
    return recorder
