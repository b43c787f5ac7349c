"""Layers that leave the shape as it is: activations, dropouts, noise and the like."""

from __future__ import annotations

from nnrun.model.arithmetic.call import SPACE, Call, need
from nnrun.model.arithmetic.registry import layer
from nnrun.model.arithmetic.shape import Shape, ShapeError, Size, product


def _same(call: Call) -> Shape:
    return call.shape


layer(
    "Activation",
    "ActivityRegularization",
    "ELU",
    "GaussianNoise",
    "LeakyReLU",
    "Masking",
    "ReLU",
    "Rescaling",
    "Softmax",
)(_same)


@layer("AlphaDropout", "Dropout", "GaussianDropout", "StochasticDepth")
def _dropout(call: Call) -> Shape:
    call.fraction("rate")
    return call.shape


@layer("Identity", inputs=(1, None))
def _identity(call: Call) -> Shape | list[Shape]:
    return call.shape if len(call.shapes) == 1 else list(call.shapes)


@layer("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")
def _spatial_dropout(call: Call) -> Shape:
    call.fraction("rate")
    need(call.name, call.shape, (*SPACE[call.rank], "channels"), "use Dropout")
    return call.shape


def _slopes(call: Call) -> Size:
    """PReLU learns one slope for each value of a row, shared along `shared_axes`."""
    sizes = list(call.shape)
    for axis in call.axes("shared_axes"):
        sizes[axis - 1] = 1
    return product(*sizes)


@layer("PReLU", weights=_slopes)
def _prelu(call: Call) -> Shape:
    rank = len(call.shape)
    for axis in call.axes("shared_axes"):
        if not -rank <= axis - 1 < rank:
            raise ShapeError(f"PReLU: shared_axes {axis} is not there in rows of rank {rank}", f"take 1 to {rank}")
    return call.shape
