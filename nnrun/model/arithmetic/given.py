"""Layers of our own that are called on nothing: learned and fixed tensors."""

from __future__ import annotations

from typing import Any

from nnrun.model.arithmetic.call import Call
from nnrun.model.arithmetic.registry import layer
from nnrun.model.arithmetic.shape import Shape, ShapeError, Size, product


def _size_of(call: Call) -> Size:
    return product(*_shape_of(call))


def _shape_of(call: Call) -> Shape:
    shape = call.given("shape")
    if not isinstance(shape, list | tuple):
        raise call.refuse("shape", "a list of whole numbers")
    return call.sizes("shape", len(shape))


layer("Variable", weights=_size_of, inputs=(0, 0))(_shape_of)


@layer("Constant", inputs=(0, 0))
def _constant(call: Call) -> Shape:
    return _shape(call, call.given("value"))


def _shape(call: Call, value: Any) -> Shape:
    if not isinstance(value, list):
        return ()
    shapes = {_shape(call, item) for item in value}
    if len(shapes) != 1:
        raise ShapeError(f"{call.name}: the lists in value have different lengths", "every row as long as the others")
    return (len(value), *shapes.pop())
