"""Small series in rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nnrun.report import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, HEIGHT, LEFT, ABOVE = 1.25, 0.8, 0.8, 0.72  # inches


def sheet(versions: Any, names: Sequence[str], *, title: str, says: str) -> Figure:
    """`versions` (columns, rows, time[, channels]): each row on a scale of its own, the first column in ink."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    across, width, height = len(versions), LEFT + len(versions) * WIDTH + 0.15, ABOVE + len(names) * HEIGHT + 0.15
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    for row, name in enumerate(names):
        bottom = height - ABOVE - (row + 1) * HEIGHT
        figure.text(0.12 / width, (bottom + HEIGHT / 2) / height, style.literal(name), fontsize=9, va="center")
        low, high = float(versions[:, row].min()), float(versions[:, row].max())
        for column in range(across):
            box = ((LEFT + column * WIDTH) / width, bottom / height, 0.92 * WIDTH / width, 0.88 * HEIGHT / height)
            axes = figure.add_axes(box)
            axes.plot(versions[column, row], linewidth=0.8, color=None if versions.ndim > 3 else style.INK)
            axes.set_ylim(low, high if high > low else low + 1)
            axes.set_axis_off()
    figure.text(0.12 / width, 1 - 0.28 / height, style.literal(title), fontsize=12, fontweight="bold", color=style.INK)
    figure.text(0.12 / width, 1 - 0.5 / height, style.literal(says), fontsize=8.5, color=style.NEUTRAL)
    return figure
