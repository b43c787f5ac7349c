"""The learning rate, where it is not the same all along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnrun.report import style
from nnrun.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def learning_rate(run: Run) -> Figure | None:
    """Learning rate by epoch; nothing if it never changes."""
    if run.history is None or "learning_rate" not in run.history:
        return None
    epochs, rates = style.finite(run.history.epochs, run.history.columns["learning_rate"])
    if len(set(rates)) < 2:
        return None
    figure, (axes,) = style.panels(1, width=6.5, height=3.6)
    axes.plot(epochs, rates, color=style.GOOD, linewidth=2, label="learning rate")
    if min(rates) > 0 and max(rates) / min(rates) > 20:
        axes.set_yscale("log")
    style.whole_numbers(axes)
    says = f"from {rates[0]:.3g} to {rates[-1]:.3g}"
    style.name(axes, title=f"{run.name}: learning rate", says=says, x="epoch")
    return figure
