"""What networks that translate make of the same few rows while they learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnrun.report import style
from nnrun.runs.run import Run
from nnrun.storage.pictures import is_picture, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILE = "translations.npz"
OF, TO = "of_", "to_"
EPOCHS = 4  # that are shown below each other
SIDE = 0.62  # inches of a picture
LEFT, TOP, BETWEEN = 0.85, 0.8, 0.25


def translations(run: Run) -> Figure | None:
    """Pictures, and below each what a network makes of it, epoch by epoch; both directions side by side."""
    path = run.path / FILE
    if not path.is_file():
        return None
    from nnrun.storage import arrays

    found = arrays.read(path)
    kinds = [name.removeprefix(OF) for name in found if name.startswith(OF)]
    if not all(is_picture(found[OF + kind].shape[1:]) for kind in kinds):
        return None
    chosen = _evenly(len(found["epochs"]), EPOCHS)
    return _drawn(run, found, kinds, chosen)


def _drawn(run: Run, found: dict[str, Any], kinds: list[str], chosen: list[int]) -> Figure:
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows, columns = 1 + len(chosen), len(found[OF + kinds[0]])
    width = LEFT + len(kinds) * (SIDE * columns + BETWEEN)
    height = TOP + SIDE * rows + 0.1
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    left = LEFT
    for kind in kinds:
        other = next(name for name in kinds if name != kind)
        pictures = np.concatenate([found[OF + kind], *(found[TO + other][one] for one in chosen)]).astype(np.float32)
        box = (left / width, 0.1 / height, SIDE * columns / width, SIDE * rows / height)
        axes = figure.add_axes(box)
        axes.imshow(sheet(pictures, columns), cmap="gray", vmin=0, vmax=1, interpolation="nearest", aspect="auto")
        axes.set_axis_off()
        told = style.literal(f"{kind} to {other}")
        axes.set_title(told, fontsize=9, color=style.INK, loc="left", pad=4)
        left += SIDE * columns + BETWEEN
    names = ["original", *(f"epoch {int(found['epochs'][one])}" for one in chosen)]
    for row, name in enumerate(names):
        middle = (0.1 + SIDE * (rows - row - 0.5)) / height
        figure.text(0.1 / width, middle, name, fontsize=9, color=style.INK, va="center")
    title, says = f"{run.name}: translations", "below each picture what a generator makes of it"
    figure.text(0.1 / width, 1 - 0.25 / height, style.literal(title), fontsize=12, fontweight="bold", color=style.INK)
    figure.text(0.1 / width, 1 - 0.47 / height, style.literal(says), fontsize=8.5, color=style.NEUTRAL)
    return figure


def _evenly(count: int, most: int) -> list[int]:
    """At most so many places of a list, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return [round(place * (count - 1) / (most - 1)) for place in range(most)]
