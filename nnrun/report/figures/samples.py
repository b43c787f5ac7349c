"""What a generator makes of the same random numbers while it learns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.report import style
from nnrun.runs.run import Run
from nnrun.storage.pictures import is_picture, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILE = "samples.npz"
COLUMNS = 8  # of a sheet
EPOCHS = 5  # that are shown side by side, all but the last by half of their columns
SIDE = 0.42  # inches of a picture


def samples(run: Run) -> Figure | None:
    """Pictures made of fixed random numbers, epoch by epoch; with classes a row for each."""
    path = run.path / FILE
    if not path.is_file():
        return None
    found = read(path)
    sheets = found["samples"].astype("float32")
    if not is_picture(sheets.shape[2:]):
        return None
    names = [str(name) for name in found.get("classes", [])]
    chosen = _evenly(len(sheets), EPOCHS)
    says = "a column begins with the same random numbers in every row and epoch"
    return _drawn(run, [(int(found["epochs"][one]), sheets[one]) for one in chosen], names, says)


def read(path: Path) -> dict[str, Any]:
    """`samples.npz`: epochs (sheets,), samples (sheets, rows, ...), with classes their names and each row's number."""
    from nnrun.storage import arrays

    return arrays.read(path)


def _drawn(run: Run, sheets: list[tuple[int, Any]], names: list[str], says: str) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = -(-len(sheets[0][1]) // COLUMNS)
    widths = [COLUMNS if number == len(sheets) - 1 else COLUMNS // 2 for number in range(len(sheets))]
    left = 0.15 + 0.08 * max((len(name) for name in names), default=0)
    width, height = left + SIDE * sum(widths) + 0.15 * len(widths) + 0.1, SIDE * rows + 0.95
    width = max(width, 5.0)
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    for (epoch, pictures), columns in zip(sheets, widths, strict=True):
        box = (left / width, 0.1 / height, SIDE * columns / width, SIDE * rows / height)
        axes = figure.add_axes(box)
        axes.imshow(sheet(pictures, COLUMNS, columns), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axes.set_axis_off()
        axes.set_title(f"epoch {epoch}", fontsize=9, color=style.INK, loc="left", pad=4)
        left += SIDE * columns + 0.15
    for row, name in enumerate(names):
        middle = (0.1 + SIDE * (rows - row - 0.5)) / height
        figure.text(0.1 / width, middle, style.literal(name), fontsize=9, color=style.INK, va="center")
    title = f"{run.name}: samples"
    figure.text(0.1 / width, 1 - 0.25 / height, style.literal(title), fontsize=12, fontweight="bold", color=style.INK)
    figure.text(0.1 / width, 1 - 0.47 / height, style.literal(says), fontsize=8.5, color=style.NEUTRAL)
    return figure


def _evenly(count: int, most: int) -> list[int]:
    """At most so many places of a list, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return [round(place * (count - 1) / (most - 1)) for place in range(most)]
