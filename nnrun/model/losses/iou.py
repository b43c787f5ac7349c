"""How little two masks overlap."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.losses._rows import aligned, loss_of

TASK = None  # a mask is classes or numbers: the data tells


def IoU(smooth: float = 1e-7) -> Any:
    """One less the intersection over the union of a mask and its prediction, row by row (the soft Jaccard index).

    With probabilities the intersection is the sum of target * output, the union the sum of both less that. Keras has
    the loss Dice beside it. Source: M. Rahman, Y. Wang, Optimizing Intersection-Over-Union in Deep Neural Networks
    for Image Segmentation, ISVC (2016).

    Args:
        smooth: Added above and below, so that an empty mask predicted empty costs nothing.
    """
    ops = framework.keras().ops

    def values(truth: Any, output: Any) -> Any:
        truth = aligned(truth, output)
        axes = tuple(range(1, len(output.shape)))
        both = ops.sum(truth * output, axis=axes)
        union = ops.sum(truth + output, axis=axes) - both
        return 1 - (both + smooth) / (union + smooth)

    return loss_of("iou", values)


def problem(smooth: float = 1e-7) -> str:
    """What is wrong with the arguments."""
    return "" if smooth > 0 else "smooth is a number above 0"
