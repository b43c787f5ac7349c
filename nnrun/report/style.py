"""How every figure looks: colours, panels, grids and labels. Matplotlib is loaded when a figure is made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TRAIN = "#2c6fbb"  # blue
VALIDATION = "#e8731a"  # orange
NEUTRAL = "#6b7280"
INK = "#1f2933"
GRID = "#e4e7eb"
GOOD = "#2f855a"
ALARM = "#c53030"  # red
HALO = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}  # behind words on lines

MAXIMUM_COLUMNS = 3


def panels(count: int, *, width: float = 5.2, height: float = 3.9, title: str = "") -> tuple[Figure, list[Axes]]:
    """A figure of `count` panels of `width` x `height` inches, at most three in a row (four: two and two)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    columns = 2 if count == 4 else min(count, MAXIMUM_COLUMNS)
    rows = math.ceil(count / columns)
    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.09)  # inches
    figure = Figure(figsize=(width * columns, height * rows), layout=layout, facecolor="white")
    FigureCanvasAgg(figure)
    axes = [figure.add_subplot(rows, columns, number + 1) for number in range(count)]
    for one in axes:
        dress(one)
    if title:
        figure.suptitle(literal(title), fontsize=13, fontweight="bold", color=INK, x=0.01, ha="left")
    return figure, axes


def dress(axes: Axes) -> None:
    """A light grid behind the data, no box, quiet ticks."""
    axes.set_facecolor("white")
    axes.set_axisbelow(True)
    axes.grid(True, color=GRID, linewidth=0.8)
    axes.tick_params(which="both", colors=NEUTRAL, labelsize=9, length=0)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(GRID)


def name(axes: Axes, *, title: str, x: str, y: str = "", says: str = "") -> None:
    """Title, what the panel `says` in a quiet line below it, axis labels.

    Names from a run are shown as they are, never read as formulas.
    """
    # A place that is given is not looked for again, in every layout, among the ticks.
    axes.set_title(literal(title), fontsize=11, fontweight="bold", color=INK, loc="left", pad=21, y=1)
    axes.annotate(
        literal(says),
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 7),
        textcoords="offset points",
        fontsize=8.5,
        color=NEUTRAL,
    )
    axes.set_xlabel(literal(x), fontsize=9, color=NEUTRAL)
    axes.set_ylabel(literal(y), fontsize=9, color=NEUTRAL)


def literal(text: str) -> str:
    """`text` with the signs escaped that matplotlib would read as a formula."""
    return text.replace("$", r"\$")


def whole_numbers(axes: Axes) -> None:
    """Ticks of the x axis at whole numbers from 1: there is no epoch 2.5 and no epoch 0."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, steps=[1, 2, 5, 10]))
    axes.set_xlim(left=max(axes.get_xlim()[0], 0.4))


def label_ends(axes: Axes, ends: Sequence[tuple[float, float, str, str]]) -> None:
    """Writes (x, y, text, colour) right of the lines' ends, moved apart where they would overlap."""
    low, high = axes.get_ylim()
    points = axes.bbox.height * 72 / axes.figure.dpi
    scale = points / ((high - low) or 1.0)
    taken: list[float] = []
    for x, y, text, colour in sorted(ends, key=lambda end: end[1]):
        at = y * scale
        wanted = max(at, taken[-1] + 11) if taken else at
        taken.append(wanted)
        axes.annotate(
            literal(text),
            (x, y),
            xytext=(6, wanted - at),
            textcoords="offset points",
            color=colour,
            fontsize=9,
            fontweight="bold",
            va="center",
            annotation_clip=False,
            bbox=HALO,
        )


def mark_epoch(axes: Axes, epoch: float, text: str) -> None:
    """A dashed upright line at `epoch`, its label at the top on the side with more room."""
    axes.axvline(epoch, color=NEUTRAL, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    left, right = axes.get_xlim()
    on_the_left = epoch > (left + right) / 2
    axes.annotate(
        literal(text),
        (epoch, 1),
        xycoords=axes.get_xaxis_transform(),
        xytext=(-5 if on_the_left else 5, -2),
        textcoords="offset points",
        ha="right" if on_the_left else "left",
        va="top",
        fontsize=8.5,
        color=NEUTRAL,
        bbox=HALO,
    )


def mark_seam(axes: Axes, epoch: float, text: str) -> None:
    """A dotted upright line between two epochs, its label at the foot."""
    axes.axvline(epoch, color=NEUTRAL, linewidth=1, linestyle=(0, (1, 2)), zorder=1)
    if not text:
        return
    axes.annotate(
        literal(text),
        (epoch, 0),
        xycoords=axes.get_xaxis_transform(),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=8.5,
        color=NEUTRAL,
        bbox=HALO,
    )


def finite(xs: Sequence[Any], ys: Sequence[float]) -> tuple[list[Any], list[float]]:
    """The points whose y is finite, so that a line crosses the epochs that were not measured."""
    kept = [(x, y) for x, y in zip(xs, ys, strict=True) if math.isfinite(y)]
    return [x for x, _ in kept], [y for _, y in kept]


def words(metric: str) -> str:
    """`val_mean_absolute_error` -> `Mean absolute error`."""
    text = metric.removeprefix("val_").replace("_", " ").strip()
    return text[:1].upper() + text[1:]
