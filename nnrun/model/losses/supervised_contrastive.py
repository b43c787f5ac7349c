"""A loss that draws the rows of a class together, against all other rows of the batch."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.losses import _pairs
from nnrun.model.losses._rows import counted, loss_of

TASK = "embedding"
WHOLE_BATCH = True  # a row is compared with the others of its batch


def SupervisedContrastive(temperature: float = 0.1, with_itself: bool = False) -> Any:
    """Every row shall be nearer to the rows of its class than to all others of its batch, by their directions.

    The output is a place for each row, the target its class. With s the cosines divided by the temperature, a row costs
    the mean over its mates p, the other rows of its class, of log(sum over all others a of exp(s_a)) - s_p. Rows with
    no mate in the batch do not count. Source: P. Khosla and others, Supervised Contrastive Learning, NeurIPS (2020),
    equation 2, without their factor of the temperature.

    Args:
        temperature: Cosines are divided by it: the smaller, the more the nearest rows count.
        with_itself: Whether a row is one of its mates and of the others itself, as in the n-pairs loss (Sohn 2016).
    """
    ops = framework.keras().ops

    def values(truth: Any, places: Any) -> Any:
        towards = _pairs.unit(places)
        logits, mates = _pairs.cosines(towards, towards) / temperature, _pairs.same_class(truth)
        if not with_itself:
            itself = _pairs.itself(towards)
            logits, mates = _pairs.without(logits, itself), ops.logical_and(mates, ops.logical_not(itself))
        costs = ops.logsumexp(logits, axis=1, keepdims=True) - logits
        number = ops.sum(ops.cast(mates, costs.dtype), axis=1)
        cost = ops.divide_no_nan(ops.sum(ops.where(mates, costs, 0.0), axis=1), number)
        return counted(cost, number > 0)

    return loss_of("supervised_contrastive", values)


def problem(temperature: float = 0.1, with_itself: bool = False) -> str:  # noqa: ARG001
    """What is wrong with the arguments."""
    return "" if temperature > 0 else "temperature is a number above 0"
