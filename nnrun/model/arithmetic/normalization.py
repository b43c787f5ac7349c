"""Normalizations: the shape stays, the weights lie along an axis."""

from __future__ import annotations

from nnrun.model.arithmetic.call import Call
from nnrun.model.arithmetic.registry import layer
from nnrun.model.arithmetic.shape import Shape, ShapeError, Size, product, row_axis, total


def _along(call: Call) -> Size:
    """The number of values in a weight that has the axes of `axis`."""
    rank = len(call.shape)
    return product(*(call.shape[row_axis(call.name, "axis", axis, rank)] for axis in call.axes("axis")))


def _scaled(call: Call) -> Size:
    return product(_along(call), call.flag("scale") + call.flag("center"))


def _batch_weights(call: Call) -> Size:
    return total(_scaled(call), statistics(call))


def statistics(call: Call) -> Size:
    """The moving averages of a batch normalization, which are not trained."""
    return product(_along(call), 5 if call.flag("renorm") else 2)


def _adapted_weights(call: Call) -> Size:
    """Mean, variance and the count of rows that they were taken from; none when they are given."""
    return 0 if call.arguments.get("mean") is not None else total(product(_along(call), 2), 1)


def _same(call: Call) -> Shape:
    _along(call)
    return call.shape


layer("BatchNormalization", weights=_batch_weights)(_same)
layer("LayerNormalization", weights=_scaled)(_same)
layer("RMSNormalization", weights=_along)(_same)
layer("Normalization", weights=_adapted_weights)(_same)


@layer("UnitNormalization")
def _unit(call: Call) -> Shape:
    rank = len(call.shape)
    for axis in call.axes("axis"):
        if axis not in (0, -rank - 1):  # the batch is an axis like another where there is no weight
            row_axis(call.name, "axis", axis, rank)
    return call.shape


@layer("GroupNormalization", weights=_scaled)
def _group(call: Call) -> Shape:
    channels, groups = _along(call), call.arguments.get("groups")
    if groups == -1:
        return call.shape
    count = call.size("groups")
    if channels is not None and count is not None and channels % count:
        raise ShapeError(
            f"GroupNormalization: groups {count} does not divide the {channels} channels of its input",
            "take a divisor of the channels, or -1 for a group to each channel",
        )
    return call.shape
