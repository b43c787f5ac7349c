"""An absolute error that is smooth at zero."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.losses._rows import aligned, loss_of

TASK = "regression"


def Charbonnier(epsilon: float = 1e-3) -> Any:
    """The square root of (target - output)^2 + epsilon^2: for large errors the absolute error, near zero the squared.

    Used where pictures are restored, since it blurs less than the squared error. Source: P. Charbonnier and others,
    Two Deterministic Half-Quadratic Regularization Algorithms for Computed Imaging, ICIP (1994).

    Args:
        epsilon: Below errors of this size the loss is smooth.
    """
    ops = framework.keras().ops

    def values(truth: Any, output: Any) -> Any:
        return ops.sqrt(ops.square(aligned(truth, output) - output) + epsilon**2)

    return loss_of("charbonnier", values)


def problem(epsilon: float = 1e-3) -> str:
    """What is wrong with the arguments."""
    return "" if epsilon > 0 else "epsilon is a number above 0"
