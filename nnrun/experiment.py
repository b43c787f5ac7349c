"""The verbs, each readable as the spine: check, data, split, training, run, figures."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.check import examine, examine_file, known
from nnrun.check.data import look
from nnrun.config import Config
from nnrun.config.spec import Spec
from nnrun.data import sources
from nnrun.data.combine import combine
from nnrun.data.dataset import Dataset
from nnrun.data.files import Roots, fingerprint
from nnrun.errors import DataError, UsageError
from nnrun.runs.run import Run
from nnrun.training.progress import Progress
from nnrun.training.stopping import Stop

if TYPE_CHECKING:
    from nnrun.training.recorder import Recorder


@dataclass(frozen=True)
class Options:
    """What every verb shares: where runs go, where data lies, and who is told about the progress."""

    runs: Path | str = Path("runs")
    name: str | None = None
    data_root: Path | str | None = None
    allow_download: bool = False
    smoke: bool = False
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
    roots = roots_of(folder, (options or Options()).data_root)
    if isinstance(config, Config):
        if overrides:
            what = "overrides belong to a file, and the config is read already"
            raise UsageError(what, expected="`load_config(path, overrides)`", hint="or give the file's path here")
        found = examine(config, roots, cross_validation=cross_validation)
    else:
        found = examine_file(config, overrides, roots, cross_validation=cross_validation)
    checked = found.checked()
    run = None if checked.document.data.get("name") else Run(folder).info.get("name")
    return replace(checked, name=str(run)) if run else checked


def train(config: Config, options: Options | None = None) -> Run:
    """Trains a checked config once and gives the run."""
    options = options or Options()
    config = replace(config, name=options.name or config.name)
    dataset = read_data(config, options)
    with _running(options):
        from nnrun.training.division import divide
        from nnrun.training.trainer import Job, train

        split = divide(config, dataset)
        options.progress.say(f"split: {split.how}")
        _agree(config, dataset, split.train, options, cross_validation=False)
        recorder = _recorder(config, options, dataset, "train", split.how)
        try:
            train(Job(config, dataset, split, recorder, options.progress, options.stop))
        finally:
            run = draw(recorder.path, config.report.figures)
    return run


def cross_validate(config: Config, options: Options | None = None) -> Run:
    """Trains once a fold and gives the run that holds them; every row outside the test part is held out once."""
    options = options or Options()
    config = replace(config, name=options.name or config.name)
    dataset = read_data(config, options)
    with _running(options):
        from nnrun.studies import folds
        from nnrun.studies.plan import plan

        planned = plan(config, dataset)
        options.progress.say(f"folds: {planned.how}")
        _agree(config, dataset, planned.folded, options, cross_validation=True)
        recorder = _recorder(config, options, dataset, "cv", planned.how)
        try:
            folds.run(config, dataset, planned, recorder, options.progress, options.stop)
        finally:
            for child in Run.open(recorder.path).children:
                draw(child.path, config.report.figures)
            run = draw(recorder.path, config.report.figures)
    return run


def read_data(config: Config, options: Options) -> Dataset:
    """All rows of the config's sources; parts that are files of their own are put behind the source's."""
    roots = roots_of(config.folder, options.data_root)
    download = _download if options.allow_download else None

    def read(spec: Spec) -> Dataset:
        return sources.read(spec.name, spec.arguments, roots, spec.where, download)

    data = config.data
    given = {"test": data.test, "validation": data.validation}
    dataset = combine(read(data.source), {part: read(spec) for part, spec in given.items() if spec is not None})
    if dataset.size == 0:
        raise DataError("the source has no rows", where=data.source.where)
    return dataset


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
    origin = Run(config_folder).info.get("config")
    named = [Path(origin).parent if origin else None, data_root, os.environ.get("NNRUN_DATA"), Path.cwd()]
    return Roots(config_folder, tuple(dict.fromkeys(Path(root) for root in named if root)))


@contextmanager
def _running(options: Options) -> Iterator[None]:
    """Keras is loaded here, before scikit-learn is, which it would otherwise load by itself."""
    with options.stop.listening():
        from nnrun.model import framework

        framework.smoke(options.smoke)
        try:
            yield
        finally:
            framework.smoke(False)


def _agree(config: Config, dataset: Dataset, rows: Any, options: Options, *, cross_validation: bool) -> None:
    """The tasks are known now: what could not be checked before is checked before a run folder is made."""
    from nnrun.training.answers import answers

    seen = look(config, roots_of(config.folder, options.data_root))
    tasks = {name: answer.task.name for name, answer in answers(config, dataset, rows, list(seen.shapes)).items()}
    known.require(config, seen, tasks, cross_validation=cross_validation)


def _recorder(config: Config, options: Options, dataset: Dataset, kind: str, how: str) -> Recorder:
    from nnrun.training.recorder import Recorder

    info = {
        "kind": kind,
        "config": Run(config.folder).info.get("config") or str(Path(config.document.file).absolute()),
        "seed": config.seed,
        "overrides": list(config.overrides),
        "smoke": options.smoke,
        "split": how,
    }
    name = f"{config.name}-smoke" if options.smoke else config.name
    recorder = Recorder.new(Path(options.runs), name, info, options.argv)
    options.progress.say(f"run: {recorder.path}")
    recorder.text("config.yaml", config.written)
    recorder.data(
        "data.json",
        {
            "format": 1,
            "source": config.data.source.to_data(),
            "description": dataset.description,
            "rows": dataset.size,
            "classes": {name: list(names) for name, names in dataset.classes.items()},
            "files": fingerprint(dataset.files),
        },
    )
    return recorder


def _download(name: str) -> Any:
    from nnrun.model import framework

    return framework.download(name)
