"""An activation and its derivative, with the step function beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnrun.guide.pictures import _values
from nnrun.guide.topics import Topic
from nnrun.report import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REACH = 4.0
_DIFFERENCE = 1e-3
_JUMP = 0.2  # so far a function does not rise in two differences: it jumps there, and has no derivative


def draw(topic: Topic) -> Figure:
    """The function from -4 to 4, and its derivative by differences."""
    import numpy as np

    x = np.linspace(-REACH, REACH, 1601)
    function = _values.function(topic)
    many = _is_of_many(function(np.array([[0.5, 0.6]])), function(np.array([[0.5, 0.1]])))
    if many:
        return _shares(topic, function)
    y = function(x)
    rise = function(x + _DIFFERENCE) - function(x - _DIFFERENCE)
    slope = np.where(np.abs(rise) < _JUMP, rise / (2 * _DIFFERENCE), np.nan)
    figure, (left, right) = style.panels(2, title=topic.name)
    step = np.where(x < 0, 0.0, 1.0)
    left.plot(x, step, color=style.NEUTRAL, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    left.plot(x, y, color=style.TRAIN, linewidth=2.2)
    right.plot(x, slope, color=style.VALIDATION, linewidth=2.2)
    style.name(
        left,
        title="The function",
        x="what comes in",
        says="dashed: the step function, whose derivative is 0 on both sides",
    )
    style.name(
        right,
        title="Its derivative",
        x="what comes in",
        says=f"at most {np.nanmax(slope):.3g}: gradients are multiplied by it",
    )
    for axes in (left, right):
        axes.axhline(0, color=style.GRID, linewidth=1.2, zorder=0)
        axes.axvline(0, color=style.GRID, linewidth=1.2, zorder=0)
        axes.set_xlim(-REACH, REACH)
    left.set_ylim(max(-2.0, min(-0.3, float(y.min()) - 0.2)), min(4.2, max(1.3, float(y.max()) + 0.2)))
    right.set_ylim(
        max(-1.5, min(-0.2, float(np.nanmin(slope)) - 0.1)), min(4.2, max(1.2, float(np.nanmax(slope)) + 0.1))
    )
    return figure


def _is_of_many(before: Any, after: Any) -> bool:
    """Whether one unit's answer depends on the others."""
    return before.shape != after.shape or bool(abs(before[0, 0] - after[0, 0]) > 1e-6)


def _shares(topic: Topic, function: Any) -> Figure:
    """What three units get, while the first one grows and the others stay."""
    import numpy as np

    x = np.linspace(-REACH, REACH, 401)
    rows = np.stack([x, np.full_like(x, 1.0), np.zeros_like(x)], axis=1)
    y = function(rows)
    figure, (axes,) = style.panels(1, width=6.2, title=topic.name)
    colours = (style.TRAIN, style.VALIDATION, style.GOOD)
    told = ("the unit that grows", "stays at 1", "stays at 0")
    for column, (colour, text) in enumerate(zip(colours, told, strict=True)):
        axes.plot(x, y[:, column], color=colour, linewidth=2.2, label=text)
    axes.legend(frameon=False, fontsize=8.5, labelcolor=style.INK)
    axes.set_xlim(-REACH, REACH)
    style.name(
        axes, title="Three units at once", x="what comes into the first unit", says="each answer depends on all units"
    )
    return figure
