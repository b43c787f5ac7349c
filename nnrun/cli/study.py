"""What `train` and `cv` have in common: find the config, load it, carry the verb out, tell about an early end."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from nnrun.cli import options as o
from nnrun.cli.default import config_path
from nnrun.cli.progress import progress
from nnrun.runs.run import Run


def carry_out(
    verb: Literal["train", "cross_validate"],
    *,
    config: str | None,
    name: str | None,
    runs: Path,
    data_root: Path | None,
    seed: int | None,
    settings: list[str] | None,
    smoke: bool,
    allow_download: bool,
    as_json: bool,
    verbose: bool,
    quiet: bool,
) -> Run:
    """The run that `experiment.<verb>` gives."""
    from nnrun import experiment
    from nnrun.model import framework

    console = o.console(quiet=quiet, as_json=as_json)
    framework.configure(lean=True, loud=verbose)
    options = experiment.Options(
        runs=runs,
        name=name,
        data_root=data_root,
        allow_download=allow_download,
        smoke=smoke,
        argv=o.argv(),
        progress=progress(console),
    )
    path = config_path(config, runs, console)
    folds = verb == "cross_validate"
    loaded = experiment.load(path, o.overrides(settings, seed), options, cross_validation=folds)
    return experiment.cross_validate(loaded, options) if folds else experiment.train(loaded, options)
