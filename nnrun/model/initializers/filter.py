"""Fixed filters of image processing as the first values of a convolution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import comb
from typing import Any

from nnrun.config.spec import Spec
from nnrun.errors import Problem
from nnrun.model import framework

Kernel = list[list[float]]

_OF_THREE: dict[str, Kernel] = {
    "sobel": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "edge": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "emboss": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
}
_OF_ANY_SIZE = ("blur", "gaussian", "identity")
KINDS = (*_OF_THREE, *_OF_ANY_SIZE)
DIRECTIONS = ("x", "y")
# The arguments of layers whose kernel has an axis for height, width, input channels and filters.
_PLACES = {
    "Conv2D": "kernel_initializer",
    "DepthwiseConv2D": "depthwise_initializer",
    "SeparableConv2D": "depthwise_initializer",
}


def Filter(kind: str, direction: str = "x", size: int = 3, channels: int = 1) -> Any:
    """A filter of image processing as the first values of a kernel, the same for every input channel.

    A Conv2D sums over the channels of its input: each gets its share, so that the filter is applied to their mean.
    The filter is trained on like any kernel, unless the layer says `trainable: false`. Of height and width n, with
    C(n-1, i) the binomial coefficients:

        sobel      the slope of brightness along x or y: [-1 0 1; -2 0 2; -1 0 1], or turned
        edge       the Laplacian, where brightness bends: [0 1 0; 1 -4 1; 0 1 0]
        sharpen    the picture less its Laplacian: [0 -1 0; -1 5 -1; 0 -1 0]
        emboss     light from one corner: [-2 -1 0; -1 1 1; 0 1 2]
        blur       the mean of all places: 1 / n^2
        gaussian   C(n-1, i) * C(n-1, j) / 4^(n-1)
        identity   1 in the middle, else 0

    Args:
        kind: sobel, edge, sharpen, emboss, blur, gaussian or identity.
        direction: Of sobel, the axis along which it looks: x finds upright edges, y level ones.
        size: Height and width, an odd number; the layer's own kernel_size where it is not written.
        channels: How many input channels the layer sums over; its own where it is not written.
    """
    values = [[[[number / channels]] for number in row] for row in kernel(kind, direction, size)]
    return framework.keras().initializers.Constant(values)


def kernel(kind: str, direction: str = "x", size: int = 3) -> Kernel:
    """A filter as rows of numbers."""
    if kind in _OF_THREE:
        found = _OF_THREE[kind]
        return [list(row) for row in zip(*found, strict=True)] if direction == "y" else [list(row) for row in found]
    if kind == "blur":
        return [[1 / size**2] * size for _ in range(size)]
    if kind == "gaussian":
        line = [comb(size - 1, place) / 2 ** (size - 1) for place in range(size)]
        return [[one * other for other in line] for one in line]
    middle = size // 2
    return [[float(row == column == middle) for column in range(size)] for row in range(size)]


def problem(layer: Spec) -> Problem | None:
    """What is wrong with the filters among the arguments of a layer, and of those inside of it."""
    told = ((spec, _told(layer, place, spec)) for place, spec in _filters(layer))
    found = [Problem(what, spec.where) for spec, what in told if what]
    inner = [problem(wrapped) for wrapped in _wrapped(layer)]
    return next((each for each in (*found, *inner) if each), None)


def _told(layer: Spec, place: str, spec: Spec) -> str:
    kind, direction = spec.arguments.get("kind"), spec.arguments.get("direction", "x")
    if _PLACES.get(layer.name) != place:
        taken = "kernel_initializer of Conv2D, depthwise_initializer of DepthwiseConv2D and SeparableConv2D"
        return f"{place} of {layer.name} takes no filter, which is for {taken}"
    if kind not in KINDS:
        return f"there is no filter {kind!r}, but {', '.join(KINDS)}"
    if direction not in DIRECTIONS or (direction != "x" and kind != "sobel"):
        return f"direction is {direction!r}, and {kind} " + ("looks along x or y" if kind == "sobel" else "has none")
    sides = _sides(layer)
    if sides is None:
        return ""
    if kind in _OF_THREE:
        mend = f"a {kind} filter is 3 x 3, and the kernel {sides[0]} x {sides[1]}: write `kernel_size: 3`"
        return "" if sides == (3, 3) else mend
    size = spec.arguments.get("size", sides[0])
    fits = sides == (size, size) and size % 2 == 1
    return "" if fits else f"a {kind} filter is square, of an odd size, and the kernel {sides[0]} x {sides[1]}"


def fitted(layer: Spec, row: Any) -> Spec:
    """A layer with its filters as large as its kernel, for rows of a shape whose last axis are the channels."""
    found, wrapped = _filters(layer), _wrapped(layer)
    if not found and not wrapped:
        return layer
    channels, sides, groups = (
        row[-1] if isinstance(row, tuple) and row else None,
        _sides(layer),
        layer.arguments.get("groups", 1),
    )
    arguments: dict[str, Any] = dict(layer.arguments)
    for name, value in layer.arguments.items():
        if value in wrapped:
            arguments[name] = fitted(value, row)
    for place, spec in found:
        own: dict[str, Any] = {"size": sides[0]} if sides else {}
        if place == "kernel_initializer" and channels is not None and isinstance(groups, int):
            own["channels"] = channels // groups
        arguments[place] = replace(spec, arguments=own | dict(spec.arguments))
    return replace(layer, arguments=arguments)


def _wrapped(layer: Spec) -> list[Spec]:
    """The layers inside of a layer, such as TimeDistributed."""
    return [value for value in layer.arguments.values() if isinstance(value, Spec) and value.slot == "layers"]


def _filters(layer: Spec) -> list[tuple[str, Spec]]:
    return [
        (place, value)
        for place, value in layer.arguments.items()
        if isinstance(value, Spec) and value.slot == "initializers" and value.name == "Filter"
    ]


def _sides(layer: Spec) -> tuple[int, int] | None:
    """Height and width of the kernel; None where they are not known yet."""
    size: Any = layer.arguments.get("kernel_size")
    if isinstance(size, int):
        return size, size
    is_pair = isinstance(size, Sequence) and len(size) == 2 and all(isinstance(side, int) for side in size)
    return (size[0], size[1]) if is_pair else None
