"""Poolings: sliding, global, and to a fixed size."""

from __future__ import annotations

from nnrun.model.arithmetic.call import Call
from nnrun.model.arithmetic.registry import layer
from nnrun.model.arithmetic.shape import Shape
from nnrun.model.arithmetic.window import POOLS, pool_windows, slide

RANKS = (1, 2, 3)


@layer(*POOLS)
def _pooling(call: Call) -> Shape:
    windows = pool_windows(call)
    space, channels = call.space()
    return call.row(slide(call.name, "pool_size", space, windows), channels)


@layer(*(f"Global{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in RANKS))
def _global_pooling(call: Call) -> Shape:
    space, channels = call.space()
    return call.row((1,) * len(space), channels) if call.flag("keepdims") else (channels,)


@layer(*(f"Adaptive{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in RANKS))
def _adaptive_pooling(call: Call) -> Shape:
    return call.row(call.sizes("output_size", call.rank), call.space()[1])
