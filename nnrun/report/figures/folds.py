"""How alike the folds of a cross validation learn."""

from __future__ import annotations

import math
from statistics import mean, pstdev
from typing import TYPE_CHECKING

from nnrun.report import style
from nnrun.runs.history import History
from nnrun.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAXIMUM_METRICS = 2


def folds(run: Run) -> Figure | None:
    """Every fold's learning curve, thin, with the mean of the folds and a band of one standard deviation."""
    histories = [child.history for child in run.children if child.name.startswith("fold-") and child.history]
    if len(histories) < 2:
        return None
    first = histories[0]
    watched = any(child.info.get("watched") for child in run.children)
    seen = "held-out fold, not used to choose" if watched else "validation"
    figure, axes = style.panels(
        1 + min(len(first.metrics), MAXIMUM_METRICS), title=f"{run.name}: {len(histories)} folds"
    )
    for panel, measure in zip(axes, ["loss", *first.metrics], strict=False):
        held_out = f"val_{measure}" in first
        _panel(panel, histories, f"val_{measure}" if held_out else measure)
        style.name(
            panel,
            title=f"{style.words(measure)} ({seen if held_out else 'train'})",
            says="thin: the folds; thick: their mean; band: one standard deviation",
            x="epoch",
        )
    return figure


def _panel(axes: Axes, histories: list[History], column: str) -> None:
    colour = style.VALIDATION if column.startswith("val_") else style.TRAIN
    by_epoch: dict[int, list[float]] = {}
    for number, history in enumerate(histories, start=1):
        xs, ys = style.finite(history.epochs, history.get(column) or [math.nan] * len(history))
        axes.plot(xs, ys, color=colour, linewidth=0.9, alpha=0.4, label=f"fold {number}")
        for epoch, value in zip(xs, ys, strict=True):
            by_epoch.setdefault(epoch, []).append(value)
    # Folds may stop early: where fewer than half are left, a mean would jump with each that ends.
    epochs = [epoch for epoch, values in sorted(by_epoch.items()) if 2 * len(values) >= len(histories) >= 2]
    means = [mean(by_epoch[epoch]) for epoch in epochs]
    spread = [pstdev(by_epoch[epoch]) for epoch in epochs]
    axes.fill_between(
        epochs,
        [middle - reach for middle, reach in zip(means, spread, strict=True)],
        [middle + reach for middle, reach in zip(means, spread, strict=True)],
        color=colour,
        alpha=0.15,
        linewidth=0,
    )
    axes.plot(epochs, means, color=colour, linewidth=2.4, label="mean")
    style.whole_numbers(axes)
    axes.margins(x=0.03)
    if epochs:
        style.label_ends(axes, [(epochs[-1], means[-1], "mean", colour)])
