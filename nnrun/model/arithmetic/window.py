"""The window that slides: how often it fits into an axis, and the windows of convolutions and poolings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from nnrun.model.arithmetic.call import SPACE, Call
from nnrun.model.arithmetic.shape import ShapeError, Size

KERNELS = frozenset(
    f"{kind}{rank}D{suffix}"
    for kind, suffix, ranks in (
        ("Conv", "", (1, 2, 3)),
        ("Conv", "Transpose", (1, 2, 3)),
        ("SeparableConv", "", (1, 2)),
        ("DepthwiseConv", "", (1, 2)),
    )
    for rank in ranks
)
POOLS = frozenset(f"{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in (1, 2, 3))


class Window(NamedTuple):
    """What slides along one axis. `transposed` steps over the output, not over the input."""

    kernel: Size
    stride: Size
    dilation: Size
    padding: str
    transposed: bool = False


def window(n: Size, kernel: Size, stride: Size = 1, padding: str = "valid", dilation: Size = 1) -> Size:
    """The number of places of a window on an axis of `n`; 0 where it does not fit.

    `same` and `causal` pad, so that only the stride counts. None where a number that matters is unknown.
    """
    if n is None or stride is None:
        return None
    if padding != "valid":
        return (n - 1) // stride + 1
    if kernel is None or dilation is None:
        return None
    return max(0, (n - dilation * (kernel - 1) - 1) // stride + 1)


def receptive(name: str, arguments: Mapping[str, Any]) -> tuple[Window, ...] | None:
    """The window of a convolution or pooling on each of its axes of space; None for any other layer.

    Raises ShapeError for arguments that Keras would refuse.
    """
    call = Call(name, arguments)
    if name in POOLS:
        return pool_windows(call)
    return kernel_windows(call) if name in KERNELS else None


def kernel_windows(call: Call) -> tuple[Window, ...]:
    """The windows of a convolution, or of the convolution inside a ConvLSTM."""
    padding = call.arguments.get("padding")
    # Keras folds the case of a convolution's padding, and not that of a pooling's.
    lowered = Call(call.name, {"padding": padding.lower() if isinstance(padding, str) else padding})
    word = lowered.word("padding", ("valid", "same", "causal") if call.name == "Conv1D" else ("valid", "same"))
    kernels, strides, dilations = (call.sizes(key, call.rank) for key in ("kernel_size", "strides", "dilation_rate"))
    if (
        call.name.startswith("Conv")
        and any(stride is not None and stride > 1 for stride in strides)
        and any(dilation is not None and dilation > 1 for dilation in dilations)
    ):
        raise ShapeError(
            f"{call.name}: strides {_shown(strides)} and dilation_rate {_shown(dilations)} cannot both be above 1",
            "set one of the two to 1",
        )
    transposed = call.name.endswith("Transpose")
    return tuple(
        Window(kernel, stride, dilation, word, transposed)
        for kernel, stride, dilation in zip(kernels, strides, dilations, strict=True)
    )


def pool_windows(call: Call) -> tuple[Window, ...]:
    """The windows of a pooling, which steps by its own size unless it is told otherwise."""
    padding = call.word("padding", ("valid", "same"))
    pools = call.sizes("pool_size", call.rank)
    strides = pools if call.arguments.get("strides") is None else call.sizes("strides", call.rank)
    return tuple(Window(pool, stride, 1, padding) for pool, stride in zip(pools, strides, strict=True))


def slide(name: str, key: str, space: Sequence[Size], windows: Sequence[Window]) -> tuple[Size, ...]:
    """The axes of space after the windows went over them; ShapeError names the first that does not fit."""
    sizes = []
    for axis, n, (kernel, stride, dilation, padding, _) in zip(SPACE[len(space)], space, windows, strict=True):
        size = window(n, kernel, stride, padding, dilation)
        if size is not None and size <= 0:
            spread = f" with dilation_rate {dilation}" if dilation != 1 else ""
            raise ShapeError(
                f"{name}: {key} {kernel}{spread} does not fit into a {axis} of {n} with padding='{padding}'",
                f"write padding: same, a smaller {key}, or use fewer poolings or strides before it",
            )
        sizes.append(size)
    return tuple(sizes)


def _shown(sizes: Sequence[Size]) -> str:
    return str(sizes[0]) if len(set(sizes)) == 1 else str(list(sizes))
