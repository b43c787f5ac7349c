"""A loss that finds the other half of each pair among those of the batch."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.losses import _pairs
from nnrun.model.losses._rows import loss_of

TASK = "regression"
ESTIMATES = False  # only directions are compared
WHOLE_BATCH = True  # the other rows are what a row has to be told from
VIEWS = True


def InfoNCE(temperature: float = 0.1, symmetric: bool = True) -> Any:
    """Of two tensors of the same rows: each row shall be nearer to its own in the other tensor than to any other there.

    With s the cosines of all rows of one tensor with all of the other, divided by the temperature, a row costs the
    cross-entropy of its own: log(sum over j of exp(s_ij)) - s_ii; `symmetric` is the mean of both directions. For a
    picture and its text (CLIP), for a row and its nearest neighbour (NNCLR). Source: A. van den Oord, Y. Li, O.
    Vinyals, Representation Learning with Contrastive Predictive Coding (2018).

    Args:
        temperature: Cosines are divided by it: the smaller, the more the nearest of the others count.
        symmetric: Whether rows of the second tensor are told from those of the first, too.
    """
    ops = framework.keras().ops

    def values(truth: Any, output: Any) -> Any:
        first, second = _pairs.unit(truth), _pairs.unit(output)
        logits = _pairs.cosines(first, second) / temperature
        own = ops.sum(first * second, axis=-1) / temperature
        there = ops.logsumexp(logits, axis=1) - own
        return (there + ops.logsumexp(logits, axis=0) - own) / 2 if symmetric else there

    return loss_of("info_nce", values)


def problem(temperature: float = 0.1, symmetric: bool = True) -> str:  # noqa: ARG001
    """What is wrong with the arguments."""
    return "" if temperature > 0 else "temperature is a number above 0"
