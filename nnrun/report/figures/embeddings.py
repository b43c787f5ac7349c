"""The vectors that an `Embedding` has learned, in two dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnrun.report import style
from nnrun.report.figures import _probe
from nnrun.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FONT = 8.5  # points
_SIDES = ((5, 0, "left"), (-5, 0, "right"), (0, 8, "center"), (0, -8, "center"))  # of a dot: where a word may stand


def embeddings(run: Run) -> Figure | None:
    """Each frequent token as a dot: those that the model treats alike lie together. By principal components."""
    seen = _probe.read(run) or {}
    layers = [name.removeprefix("vectors/") for name in seen if name.startswith("vectors/")]
    if not layers:
        return None
    figure, axes = style.panels(len(layers), width=7.2, height=6.0, title=run.name)
    for one, layer in zip(axes, layers, strict=True):
        _panel(one, layer, seen[f"vectors/{layer}"], [str(token) for token in seen[f"tokens/{layer}"]])
    return figure


def _panel(axes: Axes, layer: str, vectors: Any, tokens: list[str]) -> None:
    places, share = in_two_dimensions(vectors)
    axes.scatter(places[:, 0], places[:, 1], s=12, color=style.TRAIN, linewidths=0)
    axes.margins(0.12)
    says = (
        f"the {len(tokens)} most frequent tokens; two directions hold {share:.0%} of what differs "
        f"in {vectors.shape[1]} numbers"
    )
    style.name(axes, title=f"Vectors of {layer}", says=says, x="first principal component", y="second")
    _label(axes, places, [shown(token) for token in tokens])


def in_two_dimensions(vectors: Any) -> tuple[Any, float]:
    """The first two principal components of (tokens, width), and their share of the variance."""
    import numpy as np

    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    left, lengths, right = np.linalg.svd(centred, full_matrices=False)
    signs = np.sign(right[np.arange(len(right)), np.abs(right).argmax(axis=1)])  # either sign is as right
    places = np.zeros((len(vectors), 2))
    places[:, : len(lengths)] = (left * lengths * signs)[:, :2]
    total = float((lengths**2).sum())
    return places, float((lengths[:2] ** 2).sum() / total) if total else 1.0


def shown(token: str) -> str:
    """A token as a person can see it: a blank or the end of a line in quotes, long ones cut."""
    if not token.isprintable() or not token.strip():
        return repr(token)
    return token if len(token) <= 20 else token[:19] + "…"


def _label(axes: Axes, places: Any, tokens: list[str]) -> None:
    """A word beside each dot, on the side where it covers no other word."""
    axes.autoscale_view()
    low, high = axes.get_xlim(), axes.get_ylim()
    box = axes.get_window_extent()
    scale = 72 / axes.figure.dpi
    wide, tall = box.width * scale, box.height * scale  # points
    taken: list[tuple[float, float, float, float]] = []
    for (x, y), token in zip(places, tokens, strict=True):
        across, up = (x - low[0]) / (low[1] - low[0]) * wide, (y - high[0]) / (high[1] - high[0]) * tall
        spans = [_span(across + right, up + above, side, token) for right, above, side in _SIDES]
        covered = [sum(_overlap(span, other) for other in taken) for span in spans]
        best = covered.index(min(covered))
        taken.append(spans[best])
        right, above, side = _SIDES[best]
        axes.annotate(
            style.literal(token), (x, y), xytext=(right, above), textcoords="offset points",
            ha=side, va="center", fontsize=FONT, color=style.INK,
        )  # fmt: skip


def _span(x: float, y: float, side: str, token: str) -> tuple[float, float, float, float]:
    """About where a word lies, in points: left, bottom, right, top."""
    width = 0.55 * FONT * len(token)
    left = x - {"left": 0.0, "center": 0.5, "right": 1.0}[side] * width
    return left, y - FONT / 2, left + width, y + FONT / 2


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    """The area that two boxes share."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)
