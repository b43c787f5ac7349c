"""A loss on the distance of two things."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.losses._rows import aligned, loss_of

TASK = "regression"
ESTIMATES = False  # the output is a distance, not the target's value


def Contrastive(margin: float = 1.0, similar: int = 1) -> Any:
    """Pairs that belong together are drawn together, others pushed apart until their distance is the margin.

    The output is a distance d, the target 0 or 1. A pair that belongs together costs d^2, any other
    max(margin - d, 0)^2. Source: R. Hadsell, S. Chopra, Y. LeCun, Dimensionality Reduction by Learning an Invariant
    Mapping, CVPR (2006), without their factor of a half; they write 0 for pairs that belong together.

    Args:
        margin: From this distance on a pair that does not belong together costs nothing.
        similar: The target of a pair that belongs together, 1 or 0.
    """
    ops = framework.keras().ops

    def values(truth: Any, output: Any) -> Any:
        truth = aligned(truth, output)
        together = truth if similar else 1 - truth
        return together * ops.square(output) + (1 - together) * ops.square(ops.maximum(margin - output, 0.0))

    return loss_of("contrastive", values)


def problem(margin: float = 1.0, similar: int = 1) -> str:
    """What is wrong with the arguments."""
    if similar not in (0, 1):
        return "similar is the target of a pair that belongs together: 0 or 1"
    return "" if margin > 0 else "margin is a number above 0"


def trivial(values: Any, margin: float = 1.0, similar: int = 1) -> Any:
    """The best one distance for all pairs: the margin times the share of pairs that do not belong together."""
    share = values.mean(axis=0)
    return margin * (1 - share if similar else share)
