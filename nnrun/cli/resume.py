"""`nnrun resume RUN`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nnrun.cli import options as o
from nnrun.cli.summary import show_run


def resume(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's folder, or its name in the folder of the runs.")],
    runs: o.Runs = Path("runs"),
    data_root: o.DataRoot = None,
    settings: o.Settings = None,
    allow_download: o.Download = False,
    as_json: o.Json = False,
    verbose: o.Verbose = False,
    quiet: o.Quiet = False,
) -> None:
    """Go on with a run that was stopped or killed, to the same bits as if it had never ended.

    Example: nnrun resume runs/cnn
    """
    from nnrun import experiment
    from nnrun.cli.study import prepared
    from nnrun.runs.index import find

    options = prepared(
        runs=runs, data_root=data_root, allow_download=allow_download, as_json=as_json, verbose=verbose, quiet=quiet
    )
    found = experiment.resume(find(runs, run).path, settings or (), options)
    show_run(found, o.console(as_json=as_json))
