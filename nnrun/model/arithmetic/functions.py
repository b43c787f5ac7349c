"""Functions of keras.ops: they see the batch as axis 0, which every result has to keep, and have no weights."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod

from nnrun.model.arithmetic.call import Call, whole
from nnrun.model.arithmetic.registry import Output, function
from nnrun.model.arithmetic.shape import Shape, ShapeError, Size, product, row_axis, total

function(
    *("abs", "absolute", "cast", "celu", "ceil", "clip", "cos", "cosh", "cumprod", "cumsum", "elu", "erf", "exp"),
    *("exp2", "expm1", "flip", "floor", "gelu", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu", "log"),
    *("log10", "log1p", "log2", "log_sigmoid", "log_softmax", "logical_not", "nan_to_num", "negative", "normalize"),
    *("ones_like", "reciprocal", "relu", "relu6", "roll", "round", "rsqrt", "selu", "sigmoid", "sign", "silu", "sin"),
    *("sinh", "softmax", "softplus", "softsign", "sort", "sqrt", "square", "squareplus", "stop_gradient", "tan"),
    *("tanh", "tanh_shrink", "zeros_like"),
)(lambda call: call.shape)


@function(
    *("add", "arctan2", "divide", "equal", "floor_divide", "greater", "greater_equal", "less", "less_equal"),
    *("logical_and", "logical_or", "logical_xor", "maximum", "minimum", "mod", "multiply", "not_equal", "power"),
    *("subtract", "true_divide", "where"),
    inputs=(1, 3),
)
def _elementwise(call: Call) -> Shape | None:
    plain = (call.given(name) for name in ("x1", "x2"))
    if any(isinstance(value, list) for value in plain) or len({len(shape) for shape in call.shapes}) > 1:
        return None  # the batch is an axis like others: what it is laid against, Keras tells
    sizes: list[Size] = []
    for axes in zip(*call.shapes, strict=True):
        known = {size for size in axes if size not in (1, None)}
        if len(known) > 1:
            told = " and ".join(str(shape) for shape in call.shapes)
            raise ShapeError(f"{call.name}: shapes do not broadcast: {told}", "make them equal, or 1 where they differ")
        sizes.append(known.pop() if known else None if None in axes else 1)
    return tuple(sizes)


@function(
    *("all", "amax", "amin", "any", "argmax", "argmin", "count_nonzero", "logsumexp", "max", "mean", "median", "min"),
    *("norm", "prod", "std", "sum", "var"),
)
def _reduced(call: Call) -> Shape | None:
    if call.arguments.get("axis") is None:
        raise ShapeError(f"{call.name} without an axis goes over the batch too", "write `axis: -1`, or a list of axes")
    if call.given("axis") is None:
        return None
    gone = {_axis(call, axis) for axis in call.axes("axis")}
    if call.flag("keepdims"):
        return tuple(1 if place in gone else size for place, size in enumerate(call.shape))
    return tuple(size for place, size in enumerate(call.shape) if place not in gone)


@function("concatenate", inputs=(1, None))
def _concatenate(call: Call) -> Shape | None:
    if len({len(shape) for shape in call.shapes}) > 1:
        raise ShapeError(f"{call.name} needs tensors of one rank; got {', '.join(map(str, call.shapes))}")
    place = _axis(call, _number(call, "axis"))
    joined = total(*(shape[place] for shape in call.shapes))
    return (*call.shape[:place], joined, *call.shape[place + 1 :])


@function("stack", inputs=(1, None))
def _stack(call: Call) -> Shape:
    place = _new_axis(call, call.shape)
    return (*call.shape[:place], len(call.shapes), *call.shape[place:])


@function("split")
def _split(call: Call) -> Output:
    place, parts = _axis(call, _number(call, "axis")), call.given("indices_or_sections")
    size = call.shape[place]
    sizes: Sequence[Size]
    if whole(parts, 1):
        if size is not None and size % parts:
            raise ShapeError(f"{call.name}: an axis of {size} has no {parts} equal parts", "a list says where to cut")
        sizes = [None if size is None else size // parts] * parts
    elif isinstance(parts, list | tuple) and all(whole(part, 0) for part in parts):
        cuts = [0, *parts]
        sizes = [last - first for first, last in pairwise(cuts)] + [None if size is None else size - cuts[-1]]
    else:
        return None
    return [(*call.shape[:place], part, *call.shape[place + 1 :]) for part in sizes]


@function("unstack")
def _unstack(call: Call) -> Output:
    place = _axis(call, _number(call, "axis"))
    count = call.given("num") or call.shape[place]
    row = (*call.shape[:place], *call.shape[place + 1 :])
    return None if count is None else [row] * count


@function("top_k")
def _top_k(call: Call) -> Output:
    return [(*call.shape[:-1], call.size("k"))] * 2


@function("rfft")
def _rfft(call: Call) -> Output:
    length = call.given("fft_length") or call.shape[-1]
    return [(*call.shape[:-1], None if length is None else length // 2 + 1)] * 2


@function("expand_dims")
def _expand_dims(call: Call) -> Shape | None:
    if isinstance(call.given("axis"), list | tuple):
        return None
    place = _new_axis(call, call.shape)
    return (*call.shape[:place], 1, *call.shape[place:])


@function("squeeze")
def _squeeze(call: Call) -> Shape | None:
    if call.given("axis") is None:
        return None
    gone = {_axis(call, axis) for axis in call.axes("axis")}
    return tuple(size for place, size in enumerate(call.shape) if place not in gone)


@function("take")
def _take(call: Call) -> Shape | None:
    indices, axis = call.given("indices"), call.given("axis")
    if axis is None or not (whole(indices, -(10**9)) or isinstance(indices, list)):
        return None
    place = _axis(call, axis)
    taken = () if isinstance(indices, int) else _shape_of(indices)
    return (*call.shape[:place], *taken, *call.shape[place + 1 :])


@function("one_hot")
def _one_hot(call: Call) -> Shape | None:
    return (*call.shape, call.size("num_classes")) if call.given("axis") == -1 else None


@function("reshape")
def _reshape(call: Call) -> Shape | None:
    target = call.given("newshape")
    if not isinstance(target, list | tuple) or not target or target[0] != -1 or not all(map(_is_size, target[1:])):
        return None
    asked, values = prod(target[1:]), product(*call.shape)
    if values is not None and asked != values:
        hint = f"-1 for the batch, then sizes that multiply to {values}"
        raise ShapeError(f"{call.name}: {list(target)} does not hold the {values} values of a row {call.shape}", hint)
    return tuple(target[1:])


@function("transpose")
def _transpose(call: Call) -> Shape | None:
    axes = call.axes("axes")
    if len(axes) != len(call.shape) + 1 or axes[0] != 0:
        return None
    return tuple(call.shape[axis - 1] for axis in axes[1:])


@function("swapaxes")
def _swapaxes(call: Call) -> Shape:
    first, second = (_axis(call, _number(call, name)) for name in ("axis1", "axis2"))
    sizes = list(call.shape)
    sizes[first], sizes[second] = sizes[second], sizes[first]
    return tuple(sizes)


@function("repeat")
def _repeat(call: Call) -> Shape | None:
    axis, count = call.given("axis"), call.given("repeats")
    if axis is None or not whole(count, 0):
        return None
    place = _axis(call, axis)
    return (*call.shape[:place], product(call.shape[place], count), *call.shape[place + 1 :])


@function("matmul", inputs=(2, 2))
def _matmul(call: Call) -> Shape | None:
    first, second = call.shapes
    if len(first) != len(second) or len(first) < 2:
        return None
    inner, outer = first[-1], second[-2]
    if inner is not None and outer is not None and inner != outer:
        hint = "the last axis of the first is summed over with the last but one of the second"
        raise ShapeError(f"{call.name}: rows of {first} and {second} do not fit", hint)
    return (*first[:-1], second[-1])


def _axis(call: Call, axis: int) -> int:
    return row_axis(call.name, "axis", axis, len(call.shape))


def _new_axis(call: Call, row: Shape) -> int:
    """Where an axis is put in: -1 is behind the last."""
    return row_axis(call.name, "axis", _number(call, "axis"), len(row) + 1)


def _number(call: Call, name: str) -> int:
    value = call.given(name)
    if not whole(value, -(10**9)):
        raise call.refuse(name, "a whole number")
    return int(value)


def _is_size(value: object) -> bool:
    return whole(value, 1)


def _shape_of(value: object) -> Shape:
    return (len(value), *_shape_of(value[0])) if isinstance(value, list | tuple) and value else ()
