"""What a cross validation found, fold by fold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnrun.report import style
from nnrun.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAXIMUM_METRICS = 6


def fold_scores(run: Run) -> Figure | None:
    """Every fold's score, with their mean and its interval, a panel a metric."""
    metrics = [
        (name, score)
        for name, score in ((run.cv or {}).get("metric") or {}).items()
        if any(isinstance(value, int | float) for value in score.get("folds") or [])
    ][:MAXIMUM_METRICS]
    if not metrics:
        return None
    figure, axes = style.panels(len(metrics), width=4.6, height=3.6, title=f"{run.name}: scores of the folds")
    for panel, (metric, score) in zip(axes, metrics, strict=True):
        _panel(panel, metric, score)
    return figure


def _panel(axes: Axes, metric: str, score: Mapping[str, Any]) -> None:
    values = [math.nan if value is None else float(value) for value in score["folds"]]
    numbers, known = style.finite(range(1, len(values) + 1), values)
    middle, (low, high) = score.get("mean"), score.get("interval") or (None, None)
    if low is not None and high is not None:
        axes.axhspan(low, high, color=style.TRAIN, alpha=0.12, linewidth=0, label="interval")
    axes.scatter(numbers, known, s=46, color=style.TRAIN, zorder=3, label="folds")
    says = ""
    if middle is not None:
        axes.axhline(middle, color=style.TRAIN, linewidth=1.6, label="mean")
        says = f"mean {middle:.4g} (line)"
        if low is not None and high is not None:
            says += f", interval {low:.4g} to {high:.4g} (band)"
    axes.set_xlim(0.5, len(values) + 0.5)
    axes.margins(y=0.15)
    style.whole_numbers(axes)
    style.name(axes, title=style.words(metric), says=says, x="fold")
