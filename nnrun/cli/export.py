"""`nnrun export CONFIG|RUN --python`, `nnrun export RUN --joined FILE.keras`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nnrun.cli import options as o
from nnrun.cli.console import Console
from nnrun.cli.default import config_path


def export(
    what: Annotated[
        str | None, typer.Argument(metavar="CONFIG|RUN", help="A YAML file, or a run's folder or name.")
    ] = None,
    python: Annotated[bool, typer.Option("--python", help="As a Keras script that needs no nnrun.")] = False,
    joined: Annotated[
        Path | None,
        typer.Option("--joined", metavar="FILE.keras", help="A run as a Keras model that takes raw columns."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file to write; else it is printed.")
    ] = None,
    runs: o.Runs = Path("runs"),
    data_root: o.DataRoot = None,
    settings: o.Settings = None,
    quiet: o.Quiet = False,
) -> None:
    """Write a config as one plain Keras script, with the same data, parts, initial weights and order of batches; or a
    run as one Keras model with its preparation inside.

    Example: nnrun export configs/cnn.yaml --python --output cnn.py
    """
    from nnrun import experiment
    from nnrun.errors import UsageError

    if python == (joined is not None):
        raise UsageError("export does not know into what", expected="`--python`, or `--joined FILE.keras` of a run")
    console = o.console(quiet=quiet)
    if joined is not None:
        _join(what, runs, joined)
        console.result(str(joined))
        return
    path = _path(what, runs, console)
    config = experiment.load(path, settings or [], experiment.Options(data_root=data_root))
    dataset = experiment.read_data(config, experiment.Options(data_root=data_root))

    from nnrun.export import script
    from nnrun.export.data import Place

    folder = (output.parent if output else Path()).resolve()
    text = script.python(config, dataset, Place(experiment.roots_of(config.folder, data_root), folder))
    if output is None:
        console.result(text.rstrip("\n"))
        return
    script.write(output, text)
    console.result(str(output))


def _join(what: str | None, runs: Path, file: Path) -> None:
    """The model of a run, its preparation before it, in one file."""
    from nnrun import prediction
    from nnrun.errors import UsageError
    from nnrun.export import joined
    from nnrun.model import framework
    from nnrun.runs import index

    if what is None or what.endswith((".yaml", ".yml")):
        raise UsageError("--joined takes a run, which has weights", expected="`nnrun export RUN --joined FILE.keras`")
    framework.configure(lean=True)
    with prediction.opened(index.find(runs, what).path) as trained:
        joined.write(trained, file)


def _path(what: str | None, runs: Path, console: Console) -> Path:
    """The config, or that of a run as it was resolved."""
    if what is None or what.endswith((".yaml", ".yml")):
        return config_path(what, runs, console)
    from nnrun.runs import index

    run = index.find(runs, what).path
    return next((file for file in (run / "resolved.yaml", run / "config.yaml") if file.is_file()), run / "config.yaml")
