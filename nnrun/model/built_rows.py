"""What the arithmetic leaves open, told by the layers that Keras has built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

from nnrun.model.build import Built
from nnrun.model.shapes import Row


def filled(rows: Sequence[Row], built: Built) -> tuple[Row, ...]:
    """The rows, those with a shape or a count that was not known as Keras says it."""
    return tuple(_filled(row, built) if row.values is None or row.parameters is None else row for row in rows)


def _filled(row: Row, built: Built) -> Row:
    made = built.tensors.get(row.name)
    if isinstance(made, Mapping):  # an application of which some layers are read
        made = list(made.values())
    tensors = list(made) if isinstance(made, list | tuple) else [made]
    shapes = [tuple(tensor.shape[1:]) for tensor in tensors if tensor is not None]
    counts = _counts(row, built.model)
    parameters, fixed = counts if counts is not None else (row.parameters, row.fixed)
    shape: Any = shapes[0] if len(shapes) == 1 else shapes
    return replace(row, shape=shape or row.shape, parameters=parameters, fixed=fixed, is_built=True)


def _counts(row: Row, model: Any) -> tuple[int, int] | None:
    """All parameters of a layer, and those that are not trained; none of its own for a shared one."""
    layer = next((layer for layer in model.layers if layer.name == row.name), None)
    if layer is None or row.shared:
        return (0, 0) if row.spec.slot == "ops" or row.shared else None
    fixed = sum(prod(weight.shape) for weight in layer.non_trainable_weights)
    return layer.count_params(), fixed
