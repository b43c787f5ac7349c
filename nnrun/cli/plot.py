"""`nnrun plot RUN`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nnrun.cli import options as o
from nnrun.runs.run import place


def plot(
    run: Annotated[str, typer.Argument(help="A run's folder or name; default: the latest run.")] = "latest",
    figure: Annotated[list[str] | None, typer.Option("--figure", help="Only this figure; may be repeated.")] = None,
    runs: o.Runs = Path("runs"),
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Draw the figures and the report of a run from its folder alone.

    Example: nnrun plot runs/cnn
    """
    from nnrun.report import draw
    from nnrun.report.page import write_page
    from nnrun.runs import index

    console = o.console(quiet=quiet, as_json=as_json)
    found = index.find(runs, run)
    for child in found.children:
        draw.draw(child, figure or None)
        write_page(child)
    drawn = draw.draw(found, figure or None)
    page = write_page(found)
    console.json({"path": str(found.path), "figures": [str(path) for path in drawn], "report": str(page)})
    for path in (*drawn, page):
        console.result(place(path))
    if not drawn:
        console.say("no figure applies: the run has no finished epoch")
    if found.children:
        console.say(f"and each of its {len(found.children)} runs inside, such as {place(found.children[0].path)}")
