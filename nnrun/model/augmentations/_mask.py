"""Bands of an axis that are blanked out."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework


def masked(values: Any, axis: int, factor: float, count: int, fill_value: float, generator: Any) -> Any:
    """Values with `count` bands along an axis filled, each row's own, of at most the share `factor` of the axis."""
    keras = framework.keras()
    ops = keras.ops
    length, rows = values.shape[axis], ops.shape(values)[0]
    places = ops.reshape(ops.arange(length, dtype="float32"), (1, length))
    kept = ops.ones((1, length), "bool")
    for _ in range(count):
        width, start = (keras.random.uniform((rows, 1), seed=generator) for _ in range(2))
        width = ops.floor(width * (factor * length + 1))
        start = ops.floor(start * (length - width + 1))
        kept = ops.logical_and(kept, ops.logical_or(places < start, places >= start + width))
    shape = [1] * len(values.shape)
    shape[0], shape[axis] = -1, length
    return ops.where(ops.reshape(kept, shape), values, ops.cast(fill_value, values.dtype))
