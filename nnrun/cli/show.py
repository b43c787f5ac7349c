"""`nnrun show CONFIG|RUN`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nnrun.cli import options as o
from nnrun.cli.console import Console
from nnrun.cli.default import config_path
from nnrun.cli.summary import show_run
from nnrun.errors import UsageError

if TYPE_CHECKING:
    from nnrun.check import Examination

Build = Annotated[bool, typer.Option("--build", help="Build the model for what arithmetic does not know; loads Keras.")]
Svg = Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Draw the model's graph into this file.")]
Origin = Annotated[bool, typer.Option("--origin", help="Every value of the config, and where it comes from.")]


def show(
    what: Annotated[
        str | None, typer.Argument(metavar="CONFIG|RUN", help="A YAML file, or a run's folder or name.")
    ] = None,
    build: Build = False,
    svg: Svg = None,
    origin: Origin = False,
    runs: o.Runs = Path("runs"),
    data_root: o.DataRoot = None,
    settings: o.Settings = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Show what the layers of a config give and cost, or what a run is and reached.

    Example: nnrun show configs/cnn.yaml --svg cnn.svg
    """
    console = o.console(quiet=quiet, as_json=as_json)
    if what is None or what.endswith((".yaml", ".yml")):
        path = config_path(what, runs, console)
        _config(path, runs, data_root, settings or [], console, build=build, svg=svg, origin=origin)
        return
    if build or svg or origin:
        hint = f"name the config, such as {what}/resolved.yaml"
        raise UsageError("--build, --svg and --origin are about a config, and this is a run", hint=hint)
    from nnrun.runs import index

    run = index.find(runs, what)
    info = run.info
    console.result(f"status: {run.status}")
    for label in ("seconds", "seed", "config", "device", "parameters"):
        if info.get(label) is not None:
            console.result(f"{label}: {info[label]}")
    for output, task in run.tasks.items():
        console.result(f"task: {output}: {task.get('task')}")
    show_run(run, console)


def _config(
    path: Path,
    runs: Path,
    data_root: Path | None,
    settings: list[str],
    console: Console,
    *,
    build: bool,
    svg: Path | None,
    origin: bool,
) -> None:
    from nnrun import experiment
    from nnrun.check import examine_file
    from nnrun.model import earlier

    with earlier.among(runs):
        found = examine_file(path, settings, experiment.roots_of(path.parent, data_root))
    for warning in found.warnings:
        console.say(f"warning: {warning}")
    config = found.checked()
    if origin:
        _origin(path, found, console)
        return
    from nnrun.cli import model_table
    from nnrun.model.drawing.svg import svg as draw_svg
    from nnrun.model.overview import overview
    from nnrun.report.draw import save

    options = experiment.Options(runs=runs, data_root=data_root)
    told = experiment.inspect(config, options) if build else overview(config, dict(found.inputs), found.rows)
    console.json({"config": str(path), **model_table.data(told)})
    model_table.show_model(told, console)
    if svg is not None:
        save(draw_svg(told), svg)
        console.result(str(svg))


def _origin(path: Path, found: Examination, console: Console) -> None:
    """A line for each value: its path, the value, and its place."""
    from nnrun.config.origin import origins

    rows = [{"key": told.key, "value": told.text, "from": told.source} for told in origins(found.checked())]
    console.json({"config": str(path), "values": rows})
    console.table(rows)
