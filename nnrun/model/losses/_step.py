"""A loss that stands in the graph: called on two tensors of the model, in the place of a target and an output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nnrun.model import framework
from nnrun.model.losses._rows import by_row


def compared(loss: Any) -> Callable[..., Any]:
    """A function of `y_true` and `y_pred` that gives (batch,), a number for each row, in float32.

    A loss that gives one number for a whole batch gives it to each of its rows.
    """
    ops = framework.keras().ops

    def of(y_true: Any, y_pred: Any) -> Any:
        truth, output = (_wide(tensor) for tensor in (y_true, y_pred))
        values = by_row(loss.call(truth, output))
        return values if len(values.shape) else values + rows(output)

    def _wide(tensor: Any) -> Any:
        return ops.cast(tensor, "float32") if str(tensor.dtype) in ("float16", "bfloat16") else tensor

    return of


def rows(tensor: Any) -> Any:
    """Zeros of shape (batch,): what is the same for a whole batch is given to each row by adding them."""
    ops = framework.keras().ops
    axes = tuple(range(1, len(tensor.shape)))
    first = ops.zeros_like(tensor, dtype="float32")
    return ops.sum(first, axis=axes) if axes else first
