"""The picture of a search for a learning rate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nnrun.report import style
from nnrun.report.draw import write


def draw_rate_search(
    path: Path, rates: Sequence[float], losses: Sequence[float], *, lowest: int, suggestion: float
) -> Path:
    """The smoothed loss by the learning rate, with the rate that is suggested, as a PNG."""
    figure, (axes,) = style.panels(1, width=6.5, height=3.9)
    axes.plot(rates, losses, color=style.TRAIN, linewidth=2)
    axes.set_xscale("log")
    axes.axvline(suggestion, color=style.GOOD, linewidth=1.5)
    axes.plot(rates[lowest], losses[lowest], "o", color=style.VALIDATION)
    bottom, top = losses[lowest], max(losses[: lowest + 1])
    axes.set_ylim(bottom - 0.1 * (top - bottom), top + 0.4 * (top - bottom))
    says = f"lowest at {rates[lowest]:.2g}; a tenth of it, {suggestion:.2g}, is a good beginning"
    style.name(axes, title="Loss while the learning rate rises", says=says, x="learning rate", y="loss")
    return write(figure, path)
