"""Axes of space made longer or shorter by a rule of their own: upsampling, padding with zeros, cropping."""

from __future__ import annotations

from nnrun.model.arithmetic.call import SPACE, Call
from nnrun.model.arithmetic.registry import layer
from nnrun.model.arithmetic.shape import Shape, ShapeError, product, total


@layer("UpSampling1D", "UpSampling2D", "UpSampling3D")
def _up_sampling(call: Call) -> Shape:
    factors = (call.size("size"),) if call.rank == 1 else call.sizes("size", call.rank)
    space, channels = call.space()
    return call.row([product(n, factor) for n, factor in zip(space, factors, strict=True)], channels)


@layer("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
def _zero_padding(call: Call) -> Shape:
    ends = call.pairs("padding", call.rank)
    space, channels = call.space()
    if ends is None:
        return call.row((None,) * call.rank, channels)
    return call.row([total(n, *pair) for n, pair in zip(space, ends, strict=True)], channels)


@layer("Cropping1D", "Cropping2D", "Cropping3D")
def _cropping(call: Call) -> Shape:
    ends = call.pairs("cropping", call.rank)
    space, channels = call.space()
    if ends is None:
        return call.row((None,) * call.rank, channels)
    for axis, n, pair in zip(SPACE[call.rank], space, ends, strict=True):
        if n is not None and n <= sum(pair):
            raise ShapeError(
                f"{call.name}: cropping {pair[0]} and {pair[1]} leaves nothing of a {axis} of {n}",
                "crop less, or crop before the poolings",
            )
    return call.row([total(n, -sum(pair)) for n, pair in zip(space, ends, strict=True)], channels)
