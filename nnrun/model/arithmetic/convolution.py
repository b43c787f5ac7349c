"""Convolutions: plain, transposed, depthwise and separable."""

from __future__ import annotations

from nnrun.model.arithmetic.call import Call
from nnrun.model.arithmetic.registry import layer
from nnrun.model.arithmetic.shape import Shape, ShapeError, Size, product, total
from nnrun.model.arithmetic.window import Window, kernel_windows, slide


def _bias(call: Call, count: Size) -> Size:
    return count if call.flag("use_bias") else 0


def _kernel(call: Call) -> tuple[Size, ...]:
    return call.sizes("kernel_size", call.rank)


def _grouped(call: Call) -> Size:
    """How many input channels a filter sees: those of its group."""
    channels, groups = call.space()[1], call.size("groups")
    return None if channels is None or groups is None else channels // groups


def _convolution_weights(call: Call) -> Size:
    filters, seen = call.size("filters"), _grouped(call)
    lora: Size = 0
    if call.arguments.get("lora_rank"):
        rank = call.size("lora_rank")
        lora = total(product(*_kernel(call), seen, rank), product(rank, filters))
    return total(product(*_kernel(call), seen, filters), _bias(call, filters), lora)


@layer("Conv1D", "Conv2D", "Conv3D", weights=_convolution_weights)
def _convolution(call: Call) -> Shape:
    windows, filters, groups = kernel_windows(call), call.size("filters"), call.size("groups")
    space, channels = call.space()
    for what, count in (("filters", filters), ("channels of its input", channels)):
        if groups is not None and count is not None and count % groups:
            raise ShapeError(
                f"{call.name}: groups {groups} does not divide the {count} {what}",
                "take a number of groups that divides both the input's channels and the filters",
            )
    return call.row(slide(call.name, "kernel_size", space, windows), filters)


def _transposed_weights(call: Call) -> Size:
    filters = call.size("filters")
    return total(product(*_kernel(call), filters, call.space()[1]), _bias(call, filters))


@layer("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", weights=_transposed_weights)
def _transposed(call: Call) -> Shape:
    windows, filters = kernel_windows(call), call.size("filters")
    extra = call.sizes("output_padding", call.rank, least=0)
    for padding, item in zip(extra, windows, strict=True):
        if padding is not None and item.stride is not None and padding >= item.stride:
            raise ShapeError(
                f"{call.name}: output_padding {padding} must be smaller than the stride {item.stride}",
                "leave output_padding out, and the output is as large as the strides make it",
            )
    space, _ = call.space()
    return call.row([_unslide(call, *axis) for axis in zip(space, windows, extra, strict=True)], filters)


def _unslide(call: Call, n: Size, item: Window, extra: Size) -> Size:
    """The axis that a window would have turned into one of `n`."""
    if n is None or item.kernel is None or item.stride is None or item.dilation is None:
        return None
    kernel = (item.kernel - 1) * item.dilation + 1
    if item.padding == "valid":
        return (n - 1) * item.stride + kernel + (max(0, item.stride - kernel) if extra is None else extra)
    size = n * item.stride if extra is None else (n - 1) * item.stride + kernel % 2 + extra
    if size == 0:
        raise ShapeError(
            f"{call.name}: nothing is left of an axis of {n} with kernel_size {item.kernel}, "
            f"padding='same' and output_padding {extra}",
            "leave output_padding out",
        )
    return size


def _deepened(call: Call) -> Size:
    """The channels after the depthwise step."""
    return product(call.space()[1], call.size("depth_multiplier"))


def _depthwise_weights(call: Call) -> Size:
    return total(product(*_kernel(call), _deepened(call)), _bias(call, _deepened(call)))


@layer("DepthwiseConv1D", "DepthwiseConv2D", weights=_depthwise_weights)
def _depthwise(call: Call) -> Shape:
    windows = kernel_windows(call)
    return call.row(slide(call.name, "kernel_size", call.space()[0], windows), _deepened(call))


def _separable_weights(call: Call) -> Size:
    filters = call.size("filters")
    depthwise, pointwise = product(*_kernel(call), _deepened(call)), product(_deepened(call), filters)
    return total(depthwise, pointwise, _bias(call, filters))


@layer("SeparableConv1D", "SeparableConv2D", weights=_separable_weights)
def _separable(call: Call) -> Shape:
    windows, filters = kernel_windows(call), call.size("filters")
    call.size("depth_multiplier")
    return call.row(slide(call.name, "kernel_size", call.space()[0], windows), filters)
