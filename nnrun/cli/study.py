"""What `train`, `cv` and `resume` have in common: find the config, load it, carry the verb out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nnrun.cli import options as o
from nnrun.cli.default import config_path
from nnrun.cli.progress import progress
from nnrun.runs.run import Run

if TYPE_CHECKING:
    from nnrun.experiment import Options


def prepared(*, as_json: bool, verbose: bool, quiet: bool, **shared: Any) -> Options:
    """The options of a verb, in a process that is the command line's own."""
    from nnrun.experiment import Options
    from nnrun.model import framework

    framework.configure(lean=True, loud=verbose)
    return Options(argv=o.argv(), progress=progress(o.console(quiet=quiet, as_json=as_json)), **shared)


def carry_out(
    verb: Literal["train", "cv"],
    *,
    config: str | None,
    runs: Path,
    seed: int | None,
    settings: list[str] | None,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    resume: bool,
    init_from: str | None = None,
    **shared: Any,
) -> Run:
    """The run that `experiment.train` or `experiment.cross_validate` gives, or `experiment.resume` of it."""
    from nnrun import experiment
    from nnrun.runs.index import find

    weights = None if init_from is None else find(runs, init_from)
    options = prepared(as_json=as_json, verbose=verbose, quiet=quiet, runs=runs, init_from=weights, **shared)
    path = config_path(config, runs, o.console(quiet=quiet, as_json=as_json))
    folds = verb == "cv"
    loaded = experiment.load(path, o.overrides(settings, seed), options, cross_validation=folds)
    begun = experiment.go_on(loaded, options, cross_validation=folds) if resume else None
    if begun is not None:
        return begun
    return experiment.cross_validate(loaded, options) if folds else experiment.train(loaded, options)
