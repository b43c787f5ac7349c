"""`nnrun train CONFIG`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nnrun.cli import options as o
from nnrun.cli.summary import show_run


def train(
    config: o.ConfigArgument = None,
    name: o.Name = None,
    runs: o.Runs = Path("runs"),
    data_root: o.DataRoot = None,
    seed: o.Seed = None,
    settings: o.Settings = None,
    smoke: o.Smoke = False,
    resume: o.Resume = False,
    init_from: Annotated[
        str | None, typer.Option("--init-from", metavar="RUN", help="Begin with the weights of another run.")
    ] = None,
    trace: Annotated[
        int | None,
        typer.Option("--trace", metavar="N", help="Show loss, gradients and updates of the first N steps."),
    ] = None,
    allow_download: o.Download = False,
    as_json: o.Json = False,
    verbose: o.Verbose = False,
    quiet: o.Quiet = False,
) -> None:
    """Train the model of a config; the run's folder is printed last.

    Example: nnrun train configs/cnn.yaml -s fit.epochs=5
    """
    from nnrun.cli.study import carry_out

    run = carry_out(
        "train",
        config=config,
        name=name,
        runs=runs,
        data_root=data_root,
        seed=seed,
        settings=settings if trace is None else [*(settings or ()), f"recipe={{gradient_tape: {trace}}}"],
        smoke=smoke,
        resume=resume,
        init_from=init_from,
        allow_download=allow_download,
        as_json=as_json,
        verbose=verbose,
        quiet=quiet,
    )
    show_run(run, o.console(as_json=as_json))
