"""`nnrun cv --folds 5`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nnrun.cli import options as o
from nnrun.cli.summary import show_run


def cv(
    config: o.ConfigArgument = None,
    folds: Annotated[int | None, typer.Option("--folds", help="How many folds; default: the config's, else 5.")] = None,
    name: o.Name = None,
    runs: o.Runs = Path("runs"),
    data_root: o.DataRoot = None,
    seed: o.Seed = None,
    settings: o.Settings = None,
    smoke: o.Smoke = False,
    resume: o.Resume = False,
    allow_download: o.Download = False,
    as_json: o.Json = False,
    verbose: o.Verbose = False,
    quiet: o.Quiet = False,
) -> None:
    """Cross-validate a config: train once a fold, score each fold on rows that chose nothing.

    Example: nnrun cv configs/regression.yaml --folds 5
    """
    from nnrun.cli.study import carry_out

    chosen = [*(settings or ()), *([f"cv.folds={folds}"] if folds is not None else ())]
    run = carry_out(
        "cv",
        config=config,
        name=name,
        runs=runs,
        data_root=data_root,
        seed=seed,
        settings=chosen,
        smoke=smoke,
        resume=resume,
        allow_download=allow_download,
        as_json=as_json,
        verbose=verbose,
        quiet=quiet,
    )
    show_run(run, o.console(as_json=as_json))
