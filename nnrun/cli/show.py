"""`nnrun show CONFIG|RUN`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from nnrun.cli import options as o
from nnrun.cli.console import Console
from nnrun.cli.default import config_path
from nnrun.cli.summary import show_run


def show(
    what: Annotated[
        str | None, typer.Argument(metavar="CONFIG|RUN", help="A YAML file, or a run's folder or name.")
    ] = None,
    runs: o.Runs = Path("runs"),
    data_root: o.DataRoot = None,
    settings: o.Settings = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Show the layers of a config with shapes and parameters, or what a run is and reached. Never loads TensorFlow.

    Example: nnrun show configs/cnn.yaml
    """
    console = o.console(quiet=quiet, as_json=as_json)
    if what is not None and not what.endswith((".yaml", ".yml")):
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
        return
    _config(what, runs, data_root, settings, console)


def _config(what: str | None, runs: Path, data_root: Path | None, settings: list[str] | None, console: Console) -> None:
    from nnrun import experiment
    from nnrun.check import examine_file

    path = config_path(what, runs, console)
    found = examine_file(path, settings or [], experiment.roots_of(path.parent, data_root))
    for warning in found.warnings:
        console.say(f"warning: {warning}")
    found.checked()
    rows: list[dict[str, Any]] = [
        {"step": name, "layer": "input", "output shape": _shape(shape), "parameters": None, "from": None}
        for name, shape in found.inputs
    ]
    above = found.inputs[0][0] if len(found.inputs) == 1 else ""
    for row in found.rows:
        sources = ", ".join(row.sources)
        rows.append(
            {
                "step": row.name,
                "layer": row.layer,
                "output shape": _shape(row.shape),
                "parameters": row.parameters,
                "from": None if sources == above else sources,
            }
        )
        above = row.name
    if all(row["from"] is None for row in rows):
        rows = [{name: value for name, value in row.items() if name != "from"} for row in rows]
    counts = [row.parameters for row in found.rows]
    total = sum(count or 0 for count in counts)
    console.json({"config": str(path), "layers": rows, "parameters": None if None in counts else total})
    console.table(rows, right=frozenset({"parameters"}))
    console.result(f"parameters: {total:,}" if None not in counts else "parameters: known once the data is read")


def _shape(shape: Any) -> str:
    if shape is None:
        return "?"
    if isinstance(shape, list):
        return ", ".join(_shape(item) for item in shape)
    return (
        "(" + ", ".join("?" if size is None else str(size) for size in shape) + ("," if len(shape) == 1 else "") + ")"
    )
