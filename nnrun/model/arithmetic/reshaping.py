"""The same values in another order or form: Flatten, Reshape, Permute, RepeatVector."""

from __future__ import annotations

from math import prod

from nnrun.model.arithmetic.call import Call, need, whole
from nnrun.model.arithmetic.registry import layer
from nnrun.model.arithmetic.shape import Shape, ShapeError, product


@layer("Flatten")
def _flatten(call: Call) -> Shape:
    return (product(*call.shape),)


@layer("Reshape")
def _reshape(call: Call) -> Shape | None:
    target = call.given("target_shape")
    if target is None:
        return None
    if not isinstance(target, list | tuple) or not all(size is None or whole(size, -1) for size in target):
        raise call.refuse("target_shape", "a list of whole numbers, one of which may be -1")
    if target.count(-1) > 1:
        raise call.refuse("target_shape", "a list with one -1 at most")
    values = product(*call.shape)
    if values is None or None in target:
        return tuple(None if size == -1 else size for size in target)
    asked = prod(size for size in target if size != -1)
    if -1 not in target and asked == values:
        return tuple(target)
    if -1 not in target or asked == 0 or values % asked:
        raise ShapeError(
            f"Reshape: {list(target)} does not hold the {values} values of a row of shape {call.shape}",
            f"the sizes must multiply to {values}; one of them may be -1, and follows from the others",
        )
    return tuple(values // asked if size == -1 else size for size in target)


@layer("Permute")
def _permute(call: Call) -> Shape | None:
    dims = call.axes("dims")
    if call.given("dims") is None:
        return None
    if sorted(dims) != list(range(1, len(dims) + 1)):
        raise call.refuse("dims", f"the numbers 1 to {len(dims)} in a new order")
    if len(call.shape) != len(dims):
        raise ShapeError(
            f"Permute: dims {list(dims)} needs rows of rank {len(dims)}; got {call.shape}",
            f"name every axis of the row once: the numbers 1 to {len(call.shape)}",
        )
    return tuple(call.shape[axis - 1] for axis in dims)


@layer("RepeatVector")
def _repeat_vector(call: Call) -> Shape:
    count = call.size("n")
    need(call.name, call.shape, ("features",), "put a Flatten or a global pooling before it")
    return (count, *call.shape)
