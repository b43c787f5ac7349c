"""The verbs, each readable as the spine: config, data, split, training, run, figures."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.check import require
from nnrun.config import Config
from nnrun.config.sections import SplitSection
from nnrun.data import sources
from nnrun.data.combine import combine
from nnrun.data.dataset import Dataset
from nnrun.data.files import Roots, fingerprint
from nnrun.data.split import Split, by_column, split
from nnrun.errors import DataError
from nnrun.runs.run import Run
from nnrun.train.progress import Progress
from nnrun.train.stopping import Stop

if TYPE_CHECKING:
    from nnrun.train.recorder import Recorder

DEFAULT_SPLIT = SplitSection(validation=0.15, test=0.15)


@dataclass(frozen=True)
class Options:
    """What every verb shares: where runs go, where data lies, and how much is shown."""

    runs: Path = Path("runs")
    name: str | None = None
    data_root: Path | None = None
    allow_download: bool = False
    smoke: bool = False
    argv: Sequence[str] = ()
    progress: Progress = field(default_factory=Progress)
    stop: Stop = field(default_factory=Stop)


def roots_of(config_folder: Path, data_root: Path | None) -> Roots:
    """Where a config's paths are looked up: its folder, --data-root, NNRUN_DATA, the current folder."""
    named = [data_root, Path(os.environ["NNRUN_DATA"]) if os.environ.get("NNRUN_DATA") else None, Path.cwd()]
    return Roots(config_folder, tuple(dict.fromkeys(root for root in named if root is not None)))


def train(config: Config, options: Options | None = None) -> Run:
    """Trains once and gives the run: loads, checks, splits, fits, scores, writes, draws."""
    options = options or Options()
    config = _named(config, options)
    require(config, roots_of(config.folder, options.data_root))
    dataset, parts = load(config, options)
    with options.stop.listening():
        recorder = _recorder(config, options, dataset, kind="train")
        from nnrun.train import trainer

        _begin(config, options, parts.how)
        try:
            trainer.train(config, dataset, parts, recorder, options.progress, options.stop)
        finally:
            drawn = draw(recorder.path, config)
    return drawn


def cross_validate(config: Config, options: Options | None = None) -> Run:
    """Trains once a fold; every row outside the test part is held out once, and chooses nothing."""
    options = options or Options()
    config = _named(config, options)
    require(config, roots_of(config.folder, options.data_root), cross_validation=True)
    dataset, parts = load(config, options)
    with options.stop.listening():
        from nnrun.studies import folds

        plan = folds.plan(config, dataset, parts)
        recorder = _recorder(config, options, dataset, kind="cv")
        _begin(config, options, plan.how)
        try:
            folds.run(config, dataset, plan, recorder, options.progress, options.stop)
        finally:
            for child in Run.open(recorder.path).children:
                draw(child.path, config)
            drawn = draw(recorder.path, config)
    return drawn


def load(config: Config, options: Options) -> tuple[Dataset, Split]:
    """The rows of every part, and which row belongs to which: drawn before anything else happens."""
    dataset = read_data(config, options)
    return dataset, divide(config, dataset)


def read_data(config: Config, options: Options) -> Dataset:
    roots = roots_of(config.folder, options.data_root)
    download = _downloader() if options.allow_download else None

    def read(spec: Any) -> Dataset:
        return sources.read(spec.name, spec.arguments, roots, spec.where, download)

    data = config.data
    parts = {
        name: read(spec) for name, spec in (("test", data.test), ("validation", data.validation)) if spec is not None
    }
    dataset = combine(read(data.source), parts)
    if dataset.size == 0:
        raise DataError("the source has no rows", where=data.source.where)
    return dataset


def divide(config: Config, dataset: Dataset) -> Split:
    """The parts as `data.split` says; where it is not written, 15 % each of what the data does not bring itself."""
    from nnrun.train.labels import labels

    section = config.data.split
    given: Mapping[str, Any] = dataset.parts
    if section is None:
        section = DEFAULT_SPLIT.model_copy(update=dict.fromkeys(given, 0))
    fractions: dict[str, float] = {"validation": 0, "test": 0}
    if section.column is not None:
        if dataset.columns is None or section.column not in dataset.columns:
            raise DataError(
                f"the split's column {section.column!r} does not exist",
                where=config.document.value(("data", "split")),
            )
        wanted = {part: value for part in ("validation", "test") if isinstance(value := getattr(section, part), list)}
        given = {**given, **by_column(dataset.columns[section.column].to_numpy(), wanted)}
    for part in fractions:
        value = getattr(section, part)
        if not isinstance(value, list):
            fractions[part] = value
    chosen = labels(config, dataset) if section.strategy != "random" else None
    return split(
        dataset.size,
        validation=fractions["validation"],
        test=fractions["test"],
        strategy=section.strategy,
        seed=section.seed,
        labels=chosen,
        given=given,
    )


def draw(path: Path, config: Config | None = None) -> Run:
    """Draws the figures and the report of a run folder, from the folder alone."""
    from nnrun.report import draw as figures
    from nnrun.report.page import write_page

    run = Run.open(path)
    figures.draw(run, config.report.figures if config else None)
    write_page(run)
    return run


def _named(config: Config, options: Options) -> Config:
    name = options.name or config.name
    return replace(config, name=f"{name}-smoke" if options.smoke else name)


def _begin(config: Config, options: Options, how: str) -> None:
    from nnrun.model import framework

    options.progress.say(f"split: {how}")
    framework.smoke(options.smoke)


def _recorder(config: Config, options: Options, dataset: Dataset, kind: str) -> Recorder:
    from nnrun.train.recorder import Recorder

    info = {
        "kind": kind,
        "seed": config.seed,
        "overrides": list(config.overrides),
        "config": config.document.file,
        "smoke": options.smoke,
    }
    recorder = Recorder.new(options.runs, config.name, info, options.argv)
    recorder.text("config.yaml", config.written)
    recorder.data(
        "data.json",
        {
            "format": 1,
            "source": config.data.source.to_data(),
            "rows": dataset.size,
            "files": fingerprint(dataset.files),
            "classes": {name: list(classes) for name, classes in dataset.classes.items()},
            "description": dataset.description,
        },
    )
    return recorder


def _downloader() -> Any:
    from nnrun.model import framework

    return framework.download
