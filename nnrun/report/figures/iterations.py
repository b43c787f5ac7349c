"""The training loss step by step, for what an epoch's mean hides."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from nnrun.report import style
from nnrun.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAXIMUM_MARKS = 30


def iterations(run: Run) -> Figure | None:
    """Training loss by step with its running median; upright lines begin the epochs."""
    if run.steps is None or not {"step", "loss"} <= set(run.steps.names):
        return None
    steps, losses = style.finite(run.steps.columns["step"], run.steps.columns["loss"])
    if not steps:
        return None
    figure, (axes,) = style.panels(1, width=8.5, height=4)
    axes.plot(steps, losses, color=style.TRAIN, linewidth=0.8, alpha=0.4, label="loss")
    axes.plot(steps, _running_median(losses), color=style.TRAIN, linewidth=2, label="running median")
    starts = _starts(run.steps.epochs, run.steps.columns["step"])
    for step in starts if len(starts) <= MAXIMUM_MARKS else []:
        axes.axvline(step, color=style.NEUTRAL, linewidth=0.7, linestyle=":", zorder=1)
    axes.margins(x=0.02)
    axes.legend(frameon=False, fontsize=9, labelcolor=style.NEUTRAL)
    says = "dotted: an epoch begins" if 0 < len(starts) <= MAXIMUM_MARKS else ""
    style.whole_numbers(axes)
    style.name(axes, title=f"{run.name}: training loss by step", says=says, x="step", y="loss")
    return figure


def _running_median(values: list[float]) -> list[float]:
    reach = max(1, len(values) // 50)
    return [median(values[max(0, at - reach) : at + reach + 1]) for at in range(len(values))]


def _starts(epochs: list[int], steps: list[float]) -> list[float]:
    pairs = zip(epochs, epochs[1:], steps[1:], strict=False)
    return [step for before, after, step in pairs if after != before]
