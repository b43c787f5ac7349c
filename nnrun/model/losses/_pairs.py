"""What losses share that compare the rows of a batch with each other.

Nothing here asks how many rows there are, so that a loss can stand in a graph, whose batch has no size yet.
"""

from __future__ import annotations

from typing import Any

from nnrun.model import framework

Tensor = Any  # of the backend, or of a graph


def unit(places: Tensor) -> Tensor:
    """Places (rows, ...) as vectors (rows, width) of length 1, in float32."""
    ops = framework.keras().ops
    places = ops.cast(ops.reshape(places, (-1, _width(places))), "float32")
    return places / ops.sqrt(ops.maximum(ops.sum(ops.square(places), axis=-1, keepdims=True), 1e-12))


def flat(places: Tensor) -> Tensor:
    """Places (rows, ...) as vectors (rows, width), in float32."""
    ops = framework.keras().ops
    return ops.cast(ops.reshape(places, (-1, _width(places))), "float32")


def cosines(first: Tensor, second: Tensor) -> Tensor:
    """How alike every row of one is to every row of the other, (rows, rows); both have length 1."""
    return framework.keras().ops.einsum("ia,ja->ij", first, second)


def itself(places: Tensor) -> Tensor:
    """Of places (rows, width) which pairs of rows are a row and itself: the diagonal of (rows, rows)."""
    ops = framework.keras().ops
    number = ops.cumsum(ops.ones_like(places[:, :1], dtype="float32"), axis=0)
    return ops.equal(number, ops.transpose(number))


def count(places: Tensor) -> Tensor:
    """How many rows there are, as a number of float32."""
    ops = framework.keras().ops
    return ops.sum(ops.ones_like(places[:, :1], dtype="float32"))


def same_class(truth: Tensor) -> Tensor:
    """Which pairs of rows are of one class, (rows, rows); classes are numbers or one-hot."""
    ops = framework.keras().ops
    truth = ops.reshape(truth, (-1, _width(truth)))
    return ops.all(ops.equal(ops.expand_dims(truth, 1), ops.expand_dims(truth, 0)), axis=-1)


def without(values: Tensor, left_out: Tensor) -> Tensor:
    """Logits of which some count in no sum of exponentials."""
    return framework.keras().ops.where(left_out, -1e9, values)


def _width(tensor: Tensor) -> int:
    """How many numbers a row has."""
    found = 1
    for size in tensor.shape[1:]:
        found *= size
    return found
