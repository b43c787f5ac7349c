"""The verbs, each readable as the spine: check, data, split, training, run, figures."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.check import examine, examine_file
from nnrun.config import Config
from nnrun.config.spec import Spec
from nnrun.data import sources
from nnrun.data.combine import combine
from nnrun.data.dataset import Dataset
from nnrun.data.files import Roots, fingerprint
from nnrun.errors import ConfigError, DataError
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
    """A config, checked as far as it can be without its data; raises ConfigError with every problem at once."""
    folder = config.folder if isinstance(config, Config) else Path(config).parent
    roots = roots_of(folder, (options or Options()).data_root)
    if isinstance(config, Config):
        found = examine(config, roots, cross_validation=cross_validation)
    else:
        found = examine_file(config, overrides, roots, cross_validation=cross_validation)
    if found.config is None or found.problems:
        raise ConfigError(found.problems)
    return found.config


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
        recorder = _recorder(config, options, dataset, "train")
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
        recorder = _recorder(config, options, dataset, "cv")
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


def _recorder(config: Config, options: Options, dataset: Dataset, kind: str) -> Recorder:
    from nnrun.training.recorder import Recorder

    info = {
        "kind": kind,
        "config": str(Path(config.document.file).absolute()),
        "seed": config.seed,
        "overrides": list(config.overrides),
        "smoke": options.smoke,
    }
    name = f"{config.name}-smoke" if options.smoke else config.name
    recorder = Recorder.new(Path(options.runs), name, info, options.argv)
    options.progress.say(f"run: {recorder.path}")
    recorder.text("config.yaml", config.written)
    classes = {name: list(names) for name, names in dataset.classes.items()}
    data = {"source": config.data.source.to_data(), "description": dataset.description, "rows": dataset.size}
    recorder.data("data.json", {"format": 1, **data, "classes": classes, "files": fingerprint(dataset.files)})
    return recorder


def _download(name: str) -> Any:
    from nnrun.model import framework

    return framework.download(name)
