"""A loss that finds the other view of each row among both views of the whole batch."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.losses import _pairs
from nnrun.model.losses._rows import loss_of

TASK = "regression"
ESTIMATES = False  # only directions are compared
WHOLE_BATCH = True  # the other rows are what a row has to be told from
VIEWS = True


def NTXent(temperature: float = 0.1) -> Any:
    """Of two views of the same rows: each shall be nearer to its other view than to all other rows of both views.

    With s the cosines divided by the temperature, one view of a row costs log(sum of exp(s) over all others of both
    views, 2 n - 1 of them) - s to its other view; a row costs the mean of its two. Batches are large: what a view is
    told from is the rest of its batch. Source: T. Chen, S. Kornblith, M. Norouzi, G. Hinton, A Simple Framework for
    Contrastive Learning of Visual Representations (SimCLR), ICML (2020).

    Args:
        temperature: Cosines are divided by it: the smaller, the more the nearest of the others count.
    """
    ops = framework.keras().ops

    def values(truth: Any, output: Any) -> Any:
        first, second = _pairs.unit(truth), _pairs.unit(output)
        own = ops.sum(first * second, axis=-1) / temperature
        across, itself = _pairs.cosines(first, second) / temperature, _pairs.itself(first)
        costs = []
        for view, others in ((first, across), (second, ops.transpose(across))):
            alike = _pairs.without(_pairs.cosines(view, view) / temperature, itself)
            costs.append(ops.logsumexp(ops.concatenate([others, alike], axis=1), axis=1) - own)
        return (costs[0] + costs[1]) / 2

    return loss_of("nt_xent", values)


def problem(temperature: float = 0.1) -> str:
    """What is wrong with the arguments."""
    return "" if temperature > 0 else "temperature is a number above 0"
