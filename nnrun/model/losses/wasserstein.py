"""A loss on which a critic's numbers have no scale: only their means are compared."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.losses._rows import aligned, loss_of

ESTIMATES = False  # the output is a height, not the target's value


def Wasserstein() -> Any:
    """Rows of the class 1 are lifted, those of the class 0 lowered, without end: minus the output, and plus the output.

    The difference of the two means is the Wasserstein distance of the two kinds of rows where the network's slopes are
    held at 1, as `gradient_penalty` of the recipe gan does. Source: M. Arjovsky, S. Chintala, L. Bottou, Wasserstein
    GAN (2017).
    """
    ops = framework.keras().ops

    def values(truth: Any, output: Any) -> Any:
        truth = ops.cast(aligned(truth, output), output.dtype)
        return ops.mean((1.0 - 2.0 * truth) * output, axis=-1)

    return loss_of("wasserstein", values)
