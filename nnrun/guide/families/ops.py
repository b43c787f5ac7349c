"""Functions of keras.ops as steps: axis 0 is the batch, and stays it."""

from __future__ import annotations

from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Component
from nnrun.guide.example import Config, digits, iris, step

TITLE = "function of keras.ops"
PLACE = "a step of `model.layers` or of a block, or under `model.outputs`"
USUAL = ("ops.add", "ops.matmul", "ops.mean")

_RELU: Any = {"Dense": {"units": 16, "activation": "relu"}}
_FLOAT: Any = {"ops.cast": "float32"}

_PICTURES = ("average_pool", "max_pool", "space_to_depth", "image.")
_MATRICES = ("flip", "flipud", "fliplr", "hsplit", "tril", "triu", "pinv")
_WHOLE_NUMBERS = ("bitwise_", "left_shift", "right_shift", "gcd", "lcm")
# What they give is true and false, or whole numbers, which the next layer cannot read.
_NOT_FLOATS = (
    "all", "any", "arg", "cast", "count_", "equal", "greater", "is", "less", "logical_", "nanarg", "not_equal",
    "saturate", "signbit",
)  # fmt: skip
# What they give is several tensors, of which the next step reads the first.
_SEVERAL = ("hsplit", "split", "array_split", "unstack")

_VALUES: dict[str, Any] = {
    "kth": 2, "indices_or_sections": 2, "pool_size": 2, "axis": -1, "block_size": 2, "kernel_size": 3, "size": [4, 4],
    "k": 3, "q": 0.5, "dtype": "float16",
}  # fmt: skip


def example(component: Component) -> Config:
    """The function on vectors, matrices or pictures, and a network behind it."""
    bare = component.name.removeprefix("ops.")
    tensors = [item for item in component.parameters if item.required and catalogue.is_tensor(component, item)]
    arguments = _arguments(component)
    if len([item for item in tensors if item.name not in _VALUES]) > 1 or any(t.kind == "tensors" for t in tensors):
        arguments["from"] = ["left", "right"]
    behind: list[Any] = [_FLOAT] if bare.startswith((*_NOT_FLOATS, *_WHOLE_NUMBERS)) else []
    if bare in _SEVERAL:
        arguments["name"] = "parts"
        behind = [{"Flatten": {"from": "parts.0"}}]
    first = catalogue.first_parameter(component)
    used = step(component.name, arguments, first.name if first else "")
    if bare.startswith(_PICTURES):
        return digits(used, *behind, "Flatten")
    if bare in _MATRICES:
        return digits({"Reshape": [8, 8]}, used, *(behind or ["Flatten"]))
    whole = bare.startswith(_WHOLE_NUMBERS)
    if "from" in arguments:
        return iris(*_branches(whole), used, *behind)
    return iris({"ops.cast": "int32"} if whole else _RELU, used, *behind)


def _arguments(component: Component) -> dict[str, Any]:
    """What is required, and an axis for what would otherwise run over the batch as well."""
    given = {item.name: _VALUES[item.name] for item in component.parameters if item.required and item.name in _VALUES}
    axis, keepdims = component.parameter("axis"), component.parameter("keepdims")
    if axis is not None and axis.default is None:
        given["axis"] = -1
        if keepdims is not None:
            given["keepdims"] = True
    elif axis is not None and axis.default == 0:
        given["axis"] = 1
    return given


def _branches(whole: bool) -> list[Any]:
    """Two tensors of one shape, of whole numbers where these are wanted."""
    if whole:
        return [{"ops.cast": {"dtype": "int32", "from": "table", "name": name}} for name in ("left", "right")]
    return [
        {"Dense": {"units": 16, "activation": "relu", "name": "left"}},
        {"Dense": {"units": 16, "activation": "relu", "from": "table", "name": "right"}},
    ]
