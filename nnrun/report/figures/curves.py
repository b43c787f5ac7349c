"""The learning curves, the figure that the whole tool is for."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from nnrun.report import style
from nnrun.report.parting import where_losses_part
from nnrun.runs.history import History
from nnrun.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAXIMUM_METRICS = 5


def curves(run: Run) -> Figure | None:
    """Loss and metrics of training and validation by epoch; the best epoch, and where the losses part."""
    history = run.history
    if history is None or "loss" not in history:
        return None
    measures = ["loss", *history.metrics[:MAXIMUM_METRICS]]
    figure, axes = style.panels(len(measures), title=run.name)
    for panel, measure in zip(axes, measures, strict=True):
        _lines(panel, history, measure)
        says = [_mark_parting(panel, history)] if measure == "loss" else []
        says.append(_mark_best(panel, run, history, measure))
        _mark_phases(panel, run, named=measure == "loss")
        style.name(panel, title=style.words(measure), says=", ".join(filter(None, says)), x="epoch")
    return figure


def _lines(axes: Axes, history: History, measure: str) -> None:
    ends = []
    for column, text, colour in (
        (measure, "train", style.TRAIN),
        (f"val_{measure}", "validation", style.VALIDATION),
    ):
        xs, ys = style.finite(history.epochs, history.get(column) or [math.nan] * len(history))
        if xs:
            marker = "o" if len(xs) < 3 else None  # a line of one point would not be seen
            axes.plot(xs, ys, color=colour, linewidth=1.8, label=text, marker=marker, markersize=4)
            ends.append((xs[-1], ys[-1], text, colour))
    axes.margins(x=0.03, y=0.16)
    style.whole_numbers(axes)
    style.label_ends(axes, ends)


def _mark_best(axes: Axes, run: Run, history: History, measure: str) -> str:
    monitor, mode = run.monitor
    best = history.best(monitor, mode) if monitor.removeprefix("val_") == measure else None
    if best is None:
        return ""
    epoch, value = best
    colour = style.VALIDATION if monitor.startswith("val_") else style.TRAIN
    axes.plot(
        [epoch],
        [value],
        "o",
        markersize=8,
        markerfacecolor="white",
        markeredgecolor=colour,
        markeredgewidth=1.8,
        label="best",
        zorder=5,
    )
    return f"best {value:.4g} in epoch {epoch} (circle)"


def _mark_phases(axes: Axes, run: Run, *, named: bool) -> None:
    """The seams between several fits in a row; the first panel names them."""
    for before, phase in pairwise(run.phases):
        text = f"{before['name']} | {phase['name']}" if named else ""
        style.mark_seam(axes, phase["first_epoch"] - 0.5, text)


def _mark_parting(axes: Axes, history: History) -> str:
    validation = history.get("val_loss")
    parted = where_losses_part(history.columns["loss"], validation) if validation else None
    if parted is None:
        return ""
    epoch = history.epochs[parted - 1]
    style.mark_epoch(axes, epoch, "losses part")
    return f"train and validation part after epoch {epoch}"
