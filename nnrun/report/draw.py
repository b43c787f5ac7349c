"""Drawing the figures of a run into its folder."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nnrun.errors import UsageError, did_you_mean, listing
from nnrun.runs.run import Run
from nnrun.storage.atomic import staged, write_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS_PER_INCH = 120


def names() -> list[str]:
    """The figures that there are: the files of the folder `figures`."""
    files = Path(__file__).with_name("figures").glob("[!_]*.py")
    return sorted(file.stem for file in files)


def figure(name: str) -> Callable[[Run], Figure | None]:
    """The function that draws the figure `name`; its docstring says what the figure shows."""
    known = names()
    if name not in known:
        raise UsageError(
            f"there is no figure {name!r}",
            expected=f"one of {listing(known)}",
            hint=did_you_mean(name, known),
        )
    found: Callable[[Run], Figure | None] = getattr(importlib.import_module(f"nnrun.report.figures.{name}"), name)
    return found


def save(drawing: str, path: Path) -> None:
    """Writes a drawing that is a text (SVG) where a person wants it."""
    write_text(path, drawing)


def draw(run: Run, only: Sequence[str] | None = None) -> list[Path]:
    """Writes the figures that apply to `run` as `figures/<name>.png`, all or only some; gives the paths.

    Raises UsageError for a figure that there is not, before anything is drawn.
    """
    paths = []
    for name, make in [(name, figure(name)) for name in (names() if only is None else only)]:
        drawn = make(run)
        if drawn is None:
            continue
        paths.append(write(drawn, run.figures / f"{name}.png"))
    return paths


def write(drawn: Figure, path: Path) -> Path:
    """A figure as a PNG; equal figures are equal bytes, since the program's name and version are left out."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with staged(path) as temporary:
        # `savefig` would draw twice, the first time for the layout alone.
        drawn.set_dpi(DOTS_PER_INCH)
        FigureCanvasAgg(drawn).print_png(temporary, metadata={"Software": None})
    return path
