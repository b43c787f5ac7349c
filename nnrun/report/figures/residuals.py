"""How far a regression is off, and where."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nnrun.report import style
from nnrun.report.predicted import Predicted, predicted
from nnrun.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TASKS = frozenset({"regression"})


def residuals(run: Run) -> Figure | None:
    """Predictions against true values, and the distribution of their differences, for held-out rows."""
    outputs = [(found, pairs) for found in predicted(run, TASKS) if (pairs := _numbers(found))]
    if not outputs:
        return None
    figure, axes = style.panels(2 * len(outputs), title=run.name)
    for number, (output, pairs) in enumerate(outputs):
        named = f"{output.output}, {output.part}" if len(outputs) > 1 else output.part
        _scatter(axes[2 * number], pairs, named)
        _histogram(axes[2 * number + 1], pairs, named)
    return figure


def _scatter(axes: Axes, pairs: list[tuple[float, float]], named: str) -> None:
    true, guessed = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    low, high = min(*true, *guessed), max(*true, *guessed)
    axes.plot([low, high], [low, high], color=style.NEUTRAL, linewidth=1, linestyle=(0, (4, 3)), label="exact")
    axes.scatter(true, guessed, s=14, alpha=_opacity(len(pairs)), color=style.TRAIN, linewidths=0, label="rows")
    determination = r_squared(pairs)
    says = named if determination is None else f"{named}, R² {determination:.3f}; dashed: exact"
    style.name(axes, title="Predicted against true", says=says, x="true value", y="predicted")


def _histogram(axes: Axes, pairs: list[tuple[float, float]], named: str) -> None:
    differences = [guessed - true for true, guessed in pairs]
    mean = sum(differences) / len(differences)
    axes.hist(differences, bins=min(40, max(5, round(math.sqrt(len(pairs))))), color=style.TRAIN, alpha=0.75)
    axes.axvline(0, color=style.NEUTRAL, linewidth=1, linestyle=(0, (4, 3)))
    style.name(axes, title="Residuals", says=f"{named}, mean {mean:.3g}", x="predicted - true", y="rows")


def r_squared(pairs: list[tuple[float, float]]) -> float | None:
    """1 - residual sum of squares / total sum of squares of (true, predicted); None if all true are equal."""
    mean = sum(true for true, _ in pairs) / len(pairs)
    total = sum((true - mean) ** 2 for true, _ in pairs)
    return 1 - sum((true - guessed) ** 2 for true, guessed in pairs) / total if total else None


def _numbers(output: Predicted) -> list[tuple[float, float]]:
    pairs = []
    for cells in zip(output.targets, output.predictions, strict=True):
        try:
            true, guessed = float(cells[0]), float(cells[1])
        except ValueError:  # an output that is no scalar is in predictions.npz
            continue
        if math.isfinite(true) and math.isfinite(guessed):
            pairs.append((true, guessed))
    return pairs


def _opacity(rows: int) -> float:
    return max(0.15, min(0.7, 200 / rows))
