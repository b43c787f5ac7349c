"""A one for each row of a batch, made from any tensor of it."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework


def ones(tensor: Any) -> Any:
    """Ones of shape (batch, 1)."""
    ops = framework.keras().ops
    while len(tensor.shape) > 1:
        tensor = ops.take(tensor, 0, axis=1)
    return ops.expand_dims(ops.ones_like(tensor, dtype="float32"), -1)
