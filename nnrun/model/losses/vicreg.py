"""A loss that makes two views equal while every feature goes on varying by itself."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.losses import _pairs
from nnrun.model.losses._rows import loss_of
from nnrun.model.losses._step import rows

TASK = "regression"
ESTIMATES = False  # a place is free but for what it is compared with
WHOLE_BATCH = True  # variances are those of a batch
VIEWS = True


def VICReg(invariance: float = 25.0, variance: float = 25.0, covariance: float = 1.0) -> Any:
    """Of two views of the same rows: equal, each feature with a deviation of at least 1, and no two that go together.

    invariance times the mean squared difference; plus variance times the mean over features and views of
    max(0, 1 - deviation); plus covariance times the squared covariances of different features, summed, divided by the
    number of features, and added for both views. As the authors' code has it. Source: A. Bardes, J. Ponce, Y. LeCun,
    VICReg: Variance-Invariance-Covariance Regularization for Self-Supervised Learning, ICLR (2022).

    Args:
        invariance: The weight of the difference of the two views.
        variance: The weight of features that vary too little.
        covariance: The weight of features that go together.
    """
    ops = framework.keras().ops

    def values(truth: Any, output: Any) -> Any:
        views = _pairs.flat(truth), _pairs.flat(output)
        others = ops.maximum(_pairs.count(views[0]) - 1, 1.0)
        cost = invariance * ops.mean(ops.square(views[0] - views[1]), axis=-1)
        for view in views:
            centred = view - ops.mean(view, axis=0, keepdims=True)
            variances = ops.sum(ops.square(centred), axis=0) / others
            cost = cost + variance * ops.mean(ops.relu(1 - ops.sqrt(variances + 1e-4))) / 2
            together = ops.sum(ops.square(ops.einsum("ni,nj->ij", centred, centred) / others))
            cost = cost + covariance * (together - ops.sum(ops.square(variances))) / view.shape[-1]
        return cost + rows(views[0])

    return loss_of("vicreg", values)


def problem(invariance: float = 25.0, variance: float = 25.0, covariance: float = 1.0) -> str:
    """What is wrong with the arguments."""
    return "" if min(invariance, variance, covariance) >= 0 else "the three weights are numbers from 0"
