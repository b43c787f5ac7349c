"""Layers that join several tensors: the elementwise ones, Concatenate, Dot."""

from __future__ import annotations

from itertools import zip_longest

from nnrun.model.arithmetic.call import Call
from nnrun.model.arithmetic.registry import layer
from nnrun.model.arithmetic.shape import Shape, ShapeError, Size, row_axis, total


def _broadcast(call: Call, first: Shape, second: Shape) -> Shape:
    """Two rows as one, aligned at their ends; an axis of 1 is stretched."""
    sizes: list[Size] = []
    for i, j in zip_longest(reversed(first), reversed(second), fillvalue=1):
        if i is not None and j is not None and 1 not in (i, j) and i != j:
            raise ShapeError(
                f"{call.name}: shapes do not broadcast: {_listed(call.shapes)}",
                f"make {i} and {j} equal: the same filters, strides and padding on both ways, or project "
                "one of them (Dense, or a convolution with kernel_size 1)",
            )
        # The axes that one row lacks are kept as they are; within both, Keras carries the unknown.
        sizes.append(None if i is None or j is None else max(i, j))
    return tuple(reversed(sizes))


def _merged(call: Call) -> Shape:
    output = call.shape
    for shape in call.shapes[1:]:
        output = _broadcast(call, output, shape)
    return output


layer("Add", "Multiply", "Average", "Maximum", "Minimum", inputs=(2, None))(_merged)
layer("Subtract", inputs=(2, 2))(_merged)


@layer("Concatenate", inputs=(2, None))
def _concatenate(call: Call) -> Shape:
    axes = call.axes("axis")
    if len(axes) != 1:
        raise call.refuse("axis", "a whole number")
    first = call.shape
    if any(len(shape) != len(first) for shape in call.shapes):
        raise ShapeError(
            f"Concatenate needs rows of one rank; got {_listed(call.shapes)}",
            "bring them to one rank before: Flatten, a global pooling, or Reshape",
        )
    place = row_axis(call.name, "axis", axes[0], len(first))
    for axis in range(len(first)):
        sizes = {shape[axis] for shape in call.shapes} - {None}
        if axis != place and len(sizes) > 1:
            raise ShapeError(
                f"Concatenate along axis {axes[0]} needs equal sizes on the other axes; got {_listed(call.shapes)}",
                f"axis {axis + 1} differs: the same strides and padding on both ways, or another axis",
            )
    joined = total(*(shape[place] for shape in call.shapes))
    return (*first[:place], joined, *first[place + 1 :])


@layer("Dot", inputs=(2, 2))
def _dot(call: Call) -> Shape:
    axes = call.axes("axes")
    if len(axes) not in (1, 2):
        raise call.refuse("axes", "a whole number or a list of two")
    first, second = call.shapes
    one = row_axis(call.name, "axes", axes[0], len(first))
    two = row_axis(call.name, "axes", axes[-1], len(second))
    i, j = first[one], second[two]
    if i is not None and j is not None and i != j:
        raise ShapeError(
            f"Dot: axis {one + 1} of {first} has size {i}, axis {two + 1} of {second} has size {j}",
            "the two axes that are summed over must be equally long: choose other axes",
        )
    rest = (*first[:one], *first[one + 1 :], *second[:two], *second[two + 1 :])
    return rest or (1,)


def _listed(shapes: tuple[Shape, ...]) -> str:
    return " and ".join(str(shape) for shape in shapes)
