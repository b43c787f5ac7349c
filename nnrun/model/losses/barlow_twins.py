"""A loss that makes the features of two views equal, and each feature unlike the others."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.losses import _pairs
from nnrun.model.losses._rows import loss_of
from nnrun.model.losses._step import rows

TASK = "regression"
ESTIMATES = False  # only the correlations are compared
WHOLE_BATCH = True  # correlations are those of a batch
VIEWS = True


def BarlowTwins(redundancy: float = 5e-3) -> Any:
    """Of two views of the same rows: each feature of one goes with itself in the other, and with no other.

    With c the correlations over the batch of each feature of one view with each of the other, it is the sum of
    (1 - c_ii)^2 plus the redundancy times the sum of all other c_ij^2. It wants no large batches, and many features.
    Source: J. Zbontar, L. Jing, I. Misra, Y. LeCun, S. Deny, Barlow Twins: Self-Supervised Learning via Redundancy
    Reduction, ICML (2021), whose lambda is the redundancy here.

    Args:
        redundancy: How much the correlations of different features count beside those of equal ones.
    """
    ops = framework.keras().ops

    def standard(view: Any) -> Any:
        """Mean 0 and deviation 1 over the batch."""
        centred = view - ops.mean(view, axis=0, keepdims=True)
        return centred / ops.sqrt(ops.mean(ops.square(centred), axis=0, keepdims=True) + 1e-5)  # as theirs has it

    def values(truth: Any, output: Any) -> Any:
        first, second = standard(_pairs.flat(truth)), standard(_pairs.flat(output))
        squares = ops.square(ops.einsum("ni,nj->ij", first, second) / _pairs.count(first))
        own = ops.mean(first * second, axis=0)
        others = ops.sum(squares) - ops.sum(ops.square(own))
        return ops.sum(ops.square(1 - own)) + redundancy * others + rows(first)

    return loss_of("barlow_twins", values)


def problem(redundancy: float = 5e-3) -> str:
    """What is wrong with the arguments."""
    return "" if redundancy >= 0 else "redundancy is a number from 0"
