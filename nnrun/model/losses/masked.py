"""A loss of which some targets do not count."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.losses._rows import counted, loss_of, values_of

WHOLE_BATCH = True  # how many count is told by the batch


def Masked(loss: Any, ignore: float = 0) -> Any:
    """Another loss, in which rows and steps whose target is one value do not count: the mean of all others.

    For padded sequences of class numbers, `Masked: {loss: SparseCategoricalCrossentropy, ignore: 0}`; for rows without
    an answer, whatever number stands for it. A row of several numbers counts unless all of them are that value.

    Args:
        loss: The loss of those that count.
        ignore: The target's value that does not; with one-hot targets, the number of the class.
    """
    ops = framework.keras().ops
    one_hot = type(loss).__name__.startswith("Categorical")

    def values(truth: Any, output: Any) -> Any:
        counts = ops.not_equal(ops.argmax(truth, axis=-1) if one_hot else truth, ignore)
        return counted(values_of(loss, truth, output), counts)

    return loss_of("masked", values)


def problem(loss: Any, ignore: float = 0) -> str:  # noqa: ARG001
    """What is wrong with the arguments."""
    return "loss is one loss, and several are a `Sum`" if isinstance(loss, list) else ""
