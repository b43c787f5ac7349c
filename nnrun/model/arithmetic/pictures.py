"""Pictures of (height, width, channels): layers that resize, cut or change them, and functions that part them."""

from __future__ import annotations

from nnrun.model.arithmetic.call import Call, need
from nnrun.model.arithmetic.registry import Output, function, layer
from nnrun.model.arithmetic.shape import Shape, ShapeError, Size, product

_AXES = ("height", "width", "channels")


@layer("Resizing", "CenterCrop", "RandomCrop")
def _resized(call: Call) -> Shape | None:
    need(call.name, call.shape, _AXES)
    height, width = call.size("height"), call.size("width")
    return None if call.channels_first else (height, width, call.shape[2])


@layer(
    *("AutoContrast", "Equalization", "RandomBrightness", "RandomContrast", "RandomFlip", "RandomGrayscale"),
    *("RandomRotation", "RandomTranslation", "RandomZoom", "Solarization"),
)
def _changed(call: Call) -> Shape:
    need(call.name, call.shape, _AXES)
    return call.shape


@function("image.extract_patches")
def _patches(call: Call) -> Shape | None:
    """Squares beside each other, or wherever `strides` lead; the numbers of each are its channels."""
    sizes = call.given("size")
    if len(call.shape) != 3 or call.channels_first or (isinstance(sizes, list | tuple) and len(sizes) == 3):
        return None
    size = call.sizes("size", 2)
    strides = size if call.given("strides") is None else call.sizes("strides", 2)
    dilation = call.sizes("dilation_rate", 2)
    same = str(call.arguments.get("padding")).lower() == "same"
    pairs = zip(call.shape, size, strides, dilation, strict=False)
    return (*(_places(call, *pair, same=same) for pair in pairs), product(*size, call.shape[2]))


def _places(call: Call, n: Size, size: Size, stride: Size, dilation: Size, *, same: bool) -> Size:
    if n is None or size is None or stride is None or dilation is None:
        return None
    if same:
        return -(-n // stride)
    reach = (size - 1) * dilation + 1
    if reach > n:
        raise ShapeError(f"{call.name}: a size of {reach} does not fit into {n}", "take a smaller size")
    return (n - reach) // stride + 1


@function("depth_to_space")
def _depth_to_space(call: Call) -> Shape | None:
    size = call.size("block_size", 2)
    if len(call.shape) != 3 or call.channels_first:
        return None
    height, width, channels = call.shape
    if size is None or channels is None:
        return (product(height, size), product(width, size), None)
    if channels % size**2:
        raise ShapeError(f"{call.name}: {channels} channels do not make squares of {size}x{size}", "a multiple of both")
    return (product(height, size), product(width, size), channels // size**2)


@function("fft2", inputs=(2, 2))
def _fft2(call: Call) -> Output:
    """The real and the imaginary part."""
    return list(call.shapes)
