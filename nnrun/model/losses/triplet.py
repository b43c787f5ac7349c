"""A loss that gives every row a place, near those of its class."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.losses import _pairs
from nnrun.model.losses._rows import counted, loss_of

TASK = "embedding"
WHOLE_BATCH = True  # a row is compared with the others of its batch
MINING = ("hard", "semi_hard")


def Triplet(margin: float = 1.0, mining: str = "hard") -> Any:
    """Every row shall be nearer to the rows of its class than to those of any other, by a margin.

    The output is a place for each row (an embedding), the target its class; the rows of a batch are compared with each
    other by Euclidean distance d. `hard`: max(0, margin + largest d to its class - smallest d to another). `semi_hard`:
    for each row of its class, max(0, margin + d - smallest d to another class that is larger than this d; where there
    is none, the largest). Rows with no other of their class in the batch, or none of another class, do not count, so
    batches want several rows of each class. Sources: A. Hermans, L. Beyer, B. Leibe, In Defense of the Triplet Loss for
    Person Re-Identification (2017), for hard; F. Schroff, D. Kalenichenko, J. Philbin, FaceNet, CVPR (2015), for
    semi-hard, there with squared distances.

    Args:
        margin: How much nearer.
        mining: hard or semi_hard: which rows of other classes it looks at.
    """
    ops = framework.keras().ops

    def values(truth: Any, places: Any) -> Any:
        same = _pairs.same_class(truth)
        others = ops.logical_not(same)
        mates = ops.logical_and(same, ops.logical_not(_pairs.itself(places)))
        squares = ops.sum(ops.square(ops.expand_dims(places, 1) - ops.expand_dims(places, 0)), axis=-1)
        distance = ops.sqrt(ops.maximum(squares, 1e-12))  # whose slope at zero is none
        far = ops.max(distance) + 1.0
        if mining == "hard":
            furthest = ops.max(ops.where(mates, distance, 0.0), axis=1)
            nearest = ops.min(ops.where(others, distance, far), axis=1)
            cost = ops.relu(margin + furthest - nearest)
        else:  # [row, mate, other]
            across, along = ops.expand_dims(distance, 1), ops.expand_dims(distance, 2)
            beyond = ops.logical_and(ops.expand_dims(others, 1), across > along)
            nearest = ops.min(ops.where(beyond, across, far), axis=-1)
            largest = ops.max(ops.where(others, distance, 0.0), axis=-1, keepdims=True)
            nearest = ops.where(ops.any(beyond, axis=-1), nearest, largest)
            costs = ops.where(mates, ops.relu(margin + distance - nearest), 0.0)
            cost = ops.divide_no_nan(ops.sum(costs, axis=1), ops.sum(ops.cast(mates, costs.dtype), axis=1))
        return counted(cost, ops.logical_and(ops.any(mates, axis=1), ops.any(others, axis=1)))

    return loss_of("triplet", values)


def problem(margin: float = 1.0, mining: str = "hard") -> str:
    """What is wrong with the arguments."""
    if mining not in MINING:
        return f"mining is {' or '.join(MINING)}"
    return "" if margin > 0 else "margin is a number above 0"
