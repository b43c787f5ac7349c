"""A loss on the pairs of a batch that tell the most: mates that are too far, others that are too near."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.losses import _pairs
from nnrun.model.losses._rows import counted, loss_of

TASK = "embedding"
WHOLE_BATCH = True  # a row is compared with the others of its batch


def MultiSimilarity(alpha: float = 2.0, beta: float = 40.0, threshold: float = 0.5, margin: float = 0.1) -> Any:
    """Rows of a class shall be alike above a threshold, rows of other classes below it; pairs that are so hardly count.

    The output is a place for each row, the target its class, s the cosines of the rows of a batch. Of the others a row
    looks at those that are nearer than its furthest mate, of its mates at those that are further than its nearest
    other, by a margin. It costs log(1 + sum over those mates of exp(-alpha (s - threshold))) / alpha plus
    log(1 + sum over those others of exp(beta (s - threshold))) / beta. Rows with no mate in the batch, or no other, do
    not count. Source: X. Wang and others, Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning,
    CVPR (2019), with the numbers of their code.

    Args:
        alpha: How sharply mates that are far count more than others.
        beta: How sharply rows of other classes that are near count more.
        threshold: The cosine that mates shall be above, and others below.
        margin: How much further than the hardest pair a pair may be, and is still looked at.
    """
    ops = framework.keras().ops

    def values(truth: Any, places: Any) -> Any:
        towards = _pairs.unit(places)
        alike, same = _pairs.cosines(towards, towards), _pairs.same_class(truth)
        others = ops.logical_not(same)
        mates = ops.logical_and(same, ops.logical_not(_pairs.itself(towards)))
        furthest = ops.min(ops.where(mates, alike, 2.0), axis=1, keepdims=True)
        nearest = ops.max(ops.where(others, alike, -2.0), axis=1, keepdims=True)
        near = ops.logical_and(others, alike + margin > furthest)
        far = ops.logical_and(mates, alike - margin < nearest)

        def cost(scale: float, pairs: Any) -> Any:
            exponents = ops.where(pairs, scale * (alike - threshold), -1e9)
            return ops.softplus(ops.logsumexp(exponents, axis=1)) / abs(scale)  # log(1 + sum of exp)

        counts = ops.logical_and(ops.any(mates, axis=1), ops.any(others, axis=1))
        return counted(cost(-alpha, far) + cost(beta, near), counts)

    return loss_of("multi_similarity", values)


def problem(alpha: float = 2.0, beta: float = 40.0, threshold: float = 0.5, margin: float = 0.1) -> str:  # noqa: ARG001
    """What is wrong with the arguments."""
    return "" if min(alpha, beta) > 0 else "alpha and beta are numbers above 0"
