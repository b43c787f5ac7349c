"""The first steps of a training by layer: how steep the loss is, and how far the weights move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnrun.report import style
from nnrun.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = {"step", "layer", "gradient_norm", "relative_update"}
MOST_NAMES = 20
USUAL = 1e-3  # of its weights' norm, which a step of a training that goes well often moves a layer by

Lines = dict[str, list[tuple[int, float]]]


def trace(run: Run) -> Figure | None:
    """Of each layer the gradients' norm and the size of its updates, by step; nothing where no step was traced."""
    rows = run.trace
    if not rows or not rows[0].keys() >= COLUMNS:
        return None
    figure, (slopes, moves) = style.panels(2, width=5.6, height=4.2)
    _draw(slopes, _lines(rows, "gradient_norm"))
    _draw(moves, _lines(rows, "relative_update"))
    moves.axhline(USUAL, color=style.NEUTRAL, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    steps = len({row["step"] for row in rows})
    says = "from the input (dark) to the output (light)"
    style.name(slopes, title=f"{run.name}: gradients, {steps} steps", says=says, x="step", y="norm of the gradient")
    style.name(moves, title="updates", says="dashed: a thousandth", x="step", y="norm of the update / of the weights")
    shown = slopes.get_lines()[:: -(-len(slopes.get_lines()) // MOST_NAMES) or 1]
    figure.legend(handles=shown, loc="outside right upper", frameon=False, fontsize=8, labelcolor=style.NEUTRAL)
    return figure


def _lines(rows: list[dict[str, str]], column: str) -> Lines:
    """(step, value) of each layer, in the order of the model; without values that a logarithm does not have."""
    lines: Lines = {}
    for row in rows:
        points = lines.setdefault(row["layer"], [])
        if row[column] and 0 < float(row[column]) < float("inf"):
            points.append((int(row["step"]), float(row[column])))
    return lines


def _draw(axes: Axes, lines: Lines) -> None:
    from matplotlib import colormaps

    colours = colormaps["viridis"].resampled(len(lines) + 1)  # the last would be yellow on white
    axes.set_yscale("log")
    for number, (layer, points) in enumerate(lines.items()):
        steps, values = zip(*points, strict=True) if points else ((), ())
        axes.plot(steps, values, color=colours(number), linewidth=1.6, marker="o", markersize=3, label=layer)
    style.whole_numbers(axes)
