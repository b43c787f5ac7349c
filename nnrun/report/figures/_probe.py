"""What a run kept of a convolutional model's view of one picture, and small pictures in rows."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nnrun.errors import RunError
from nnrun.report import style
from nnrun.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Tile = tuple[Any, str]  # values and colour map


def read(run: Run) -> Mapping[str, Any] | None:
    """`probe.npz`; None where the run has none."""
    path = run.path / "probe.npz"
    if not path.is_file():
        return None
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise RunError(f"{path} cannot be read: {error}", hint="train again, or delete the file") from None


def tiles(
    rows: Sequence[tuple[str, Sequence[Tile]]], columns: int, *, title: str, says: str, side: float = 0.62
) -> Figure:
    """A row of small pictures for each name; what does not fit into `columns` goes on below."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    lines = [
        (name if part == 0 else "", row[part : part + columns])
        for name, row in rows
        for part in range(0, len(row), columns)
    ]
    longest = max(len(line) for name, _ in rows for line in name.split("\n"))
    left, above = 0.12 + (0.075 * longest + 0.12 if longest else 0), 0.72
    most = max(len(row) for _, row in lines)
    width, height = max(left + most * side + 0.15, 4.5), above + len(lines) * side + 0.15
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    for line, (name, row) in enumerate(lines):
        bottom = height - above - (line + 1) * side
        figure.text(
            0.12 / width, (bottom + side / 2) / height, style.literal(name), fontsize=9, color=style.INK, va="center"
        )
        for column, (values, colours) in enumerate(row):
            box = ((left + column * side) / width, bottom / height, 0.92 * side / width, 0.92 * side / height)
            axes = figure.add_axes(box)
            low, high = _ends(values, colours)
            axes.imshow(values, cmap=colours, interpolation="nearest", vmin=low, vmax=high)
            axes.set_axis_off()
    figure.text(0.12 / width, 1 - 0.28 / height, style.literal(title), fontsize=12, fontweight="bold", color=style.INK)
    figure.text(0.12 / width, 1 - 0.5 / height, style.literal(says), fontsize=8.5, color=style.NEUTRAL)
    return figure


def _ends(values: Any, colours: str) -> tuple[float | None, float | None]:
    """The values of the first and the last colour; colours that have a middle have zero there."""
    if colours != "RdBu_r":
        return None, None
    most = float(abs(values).max()) or 1.0
    return -most, most


def picture(values: Any) -> Any:
    """A picture as matplotlib draws it: grey, or colours from 0 to 1."""
    values = values.astype("float32")
    if values.shape[-1] not in (3, 4):
        return values[..., 0]
    low, high = float(values.min()), float(values.max())
    return values[..., :3] if low >= 0 and high <= 1 else (values[..., :3] - low) / ((high - low) or 1.0)
