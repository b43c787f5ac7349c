"""How two networks fare against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnrun.report import style
from nnrun.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ACCURACY = "discriminator_accuracy"
LOSSES = (("generator_loss", "generator", style.TRAIN), ("discriminator_loss", "discriminator", style.VALIDATION))


def adversaries(run: Run) -> Figure | None:
    """The losses of generator and discriminator, and how often the discriminator is right: near 0.5 it cannot tell."""
    history = run.history
    if history is None or ACCURACY not in history:
        return None
    figure, (losses, accuracy) = style.panels(2, title=run.name)
    ends = []
    for column, text, colour in LOSSES:
        xs, ys = style.finite(history.epochs, history.columns[column])
        if xs:
            losses.plot(xs, ys, color=colour, linewidth=1.8)
            ends.append((xs[-1], ys[-1], text, colour))
    style.label_ends(losses, ends)
    xs, ys = style.finite(history.epochs, history.columns[ACCURACY])
    accuracy.axhline(0.5, color=style.NEUTRAL, linewidth=1, linestyle=(0, (4, 3)))
    accuracy.plot(xs, ys, color=style.VALIDATION, linewidth=1.8)
    accuracy.set_ylim(0, 1.02)
    for axes in (losses, accuracy):
        axes.margins(x=0.03, y=0.16)
        style.whole_numbers(axes)
    style.name(losses, title="losses", says="each is what one network learns by; neither has to fall", x="epoch")
    says = "at 0.5 it cannot tell made rows from real ones, at 1 it always can"
    style.name(accuracy, title="discriminator's accuracy", says=says, x="epoch")
    return figure
