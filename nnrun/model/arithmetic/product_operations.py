"""Functions of `ops.*` that multiply and add, and those of pictures."""

from __future__ import annotations

from collections.abc import Sequence

from nnrun.model.arithmetic.operations import Operation, UnknownError, broadcast, operation
from nnrun.model.arithmetic.shape import Shape, ShapeError, Size, product
from nnrun.model.arithmetic.window import window


def _differ(first: Size, second: Size) -> bool:
    return first is not None and second is not None and first != second


@operation("matmul")
def matmul(call: Operation) -> Shape:
    """Keras' rule of matrix products: a vector is a row before the sign and a column behind it."""
    one, two = call.tensor("x1"), call.tensor("x2")
    if not one or not two:
        raise ShapeError(f"{call.name} needs tensors with axes; got {one} and {two}")
    rows, columns = one[:-1], two[:-2] + two[-1:] if len(two) > 1 else ()
    if _differ(one[-1], two[-2] if len(two) > 1 else two[0]):
        raise ShapeError(
            f"{call.name}: {one} and {two} (batch first) do not fit: the last axis of the first must be as long as "
            "the one before the last of the second",
            "transpose one of them: ops.swapaxes: {axis1: -1, axis2: -2}",
        )
    leading = broadcast(call.name, [one[:-2], two[:-2]])
    return (*leading, *rows[-1:], *columns[-1:])


@operation("dot")
def _dot(call: Operation) -> Shape:
    one, two = call.tensor("x1"), call.tensor("x2")
    if not one or not two:
        return one or two
    if _differ(one[-1], two[-2] if len(two) > 1 else two[0]):
        raise ShapeError(f"{call.name}: {one} and {two} (batch first) do not fit")
    return (*one[:-1], *two[:-2], *two[-1:]) if len(two) > 1 else one[:-1]


@operation("tensordot")
def _tensordot(call: Operation) -> Shape:
    one, two, axes = call.tensor("x1"), call.tensor("x2"), call.given("axes")
    if isinstance(axes, int):
        return (*one[: len(one) - axes], *two[axes:])
    if not isinstance(axes, list) or len(axes) != 2:
        raise UnknownError
    pairs = [[item] if isinstance(item, int) else item for item in axes]
    first, second = ({axis % len(shape) for axis in pair} for pair, shape in zip(pairs, (one, two), strict=True))
    return (
        *(size for axis, size in enumerate(one) if axis not in first),
        *(size for axis, size in enumerate(two) if axis not in second),
    )


@operation("einsum")
def _einsum(call: Operation) -> Shape:
    letters, output = einsum_sizes(call)
    return tuple(letters[letter] for letter in output)


def einsum_sizes(call: Operation) -> tuple[dict[str, Size], str]:
    """The length of every letter, and the letters of the result; dots of several axes are not reckoned with."""
    written, shapes = call.given("subscripts"), call.tensors("operands")
    if not isinstance(written, str) or "." in written or written.count("->") > 1:
        raise UnknownError
    given, arrow, output = written.replace(" ", "").partition("->")
    terms = given.split(",")
    if len(terms) != len(shapes):
        raise ShapeError(f"{call.name}: {written!r} is about {len(terms)} tensors; got {len(shapes)}")
    sizes: dict[str, Size] = {}
    for term, shape in zip(terms, shapes, strict=True):
        if len(term) != len(shape):
            raise ShapeError(
                f"{call.name}: {term!r} names {len(term)} axes of {shape}", "the first letter is the batch"
            )
        for letter, size in zip(term, shape, strict=True):
            known = sizes.setdefault(letter, size)
            if _differ(known, size) and 1 not in (known, size):
                raise ShapeError(f"{call.name}: {letter!r} of {written!r} is {known} and {size}")
            sizes[letter] = size if known in (1, None) and not (known is None and size == 1) else known
    once = "".join(sorted(letter for letter in sizes if given.count(letter) == 1))
    return sizes, output if arrow else once


@operation("dot_product_attention")
def _dot_product_attention(call: Operation) -> Shape:
    return call.tensor("query")


def _space(call: Operation, key: str) -> tuple[Shape, Shape, Size]:
    """The batch, the height and width, and the channels of pictures."""
    shape = call.tensor(key)
    if len(shape) != 4:
        raise ShapeError(f"{call.name} needs pictures: (batch, height, width, channels); got {shape}")
    return (shape[:1], shape[2:], shape[1]) if call.channels_first else (shape[:1], shape[1:3], shape[3])


def _block(call: Operation) -> int:
    block = call.number("block_size")
    if block < 1:
        raise call.refuse("block_size", "a positive whole number")
    return block


@operation("depth_to_space")
def _depth_to_space(call: Operation) -> Shape:
    block, (batch, space, channels) = _block(call), _space(call, "x")
    if channels is not None and channels % block**2:
        raise ShapeError(f"{call.name}: {channels} channels are not divided by block_size² = {block**2}")
    depth = None if channels is None else channels // block**2
    return (*batch, *call.row([product(size, block) for size in space], depth))


@operation("space_to_depth")
def _space_to_depth(call: Operation) -> Shape:
    block, (batch, space, channels) = _block(call), _space(call, "x")
    if any(size is not None and size % block for size in space):
        raise ShapeError(f"{call.name}: {space} is not divided by block_size {block}")
    fewer = [None if size is None else size // block for size in space]
    return (*batch, *call.row(fewer, product(channels, block**2)))


@operation("image.resize")
def _resize(call: Operation) -> Shape:
    batch, _, channels = _space(call, "images")
    return (*batch, *call.row(call.sizes("size", 2), channels))


@operation("image.rgb_to_grayscale")
def _grayscale(call: Operation) -> Shape:
    batch, space, channels = _space(call, "images")
    if channels not in (None, 1, 3):
        raise ShapeError(f"{call.name} needs 3 channels; got {channels}")
    return (*batch, *call.row(space, 1))


@operation("image.extract_patches")
def _extract_patches(call: Operation) -> Shape:
    size, (batch, space, channels) = call.sizes("size", 2), _space(call, "images")
    strides = size if call.arguments.get("strides") is None else call.sizes("strides", 2)
    dilations = call.sizes("dilation_rate", 2)
    places = _places(call, space, list(zip(size, strides, dilations, strict=True)))
    return (*batch, *call.row(places, product(*size, channels)))


@operation("max_pool", "average_pool")
def _pool(call: Operation) -> Shape:
    shape = call.tensor("inputs")
    rank = len(shape) - 2
    size = call.sizes("pool_size", rank)
    strides = size if call.arguments.get("strides") is None else call.sizes("strides", rank)
    first = call.channels_first
    space, channels = (shape[2:], shape[1]) if first else (shape[1:-1], shape[-1])
    places = _places(call, space, [(kernel, stride, 1) for kernel, stride in zip(size, strides, strict=True)])
    return (*shape[:1], *call.row(places, channels))


def _places(call: Operation, space: Shape, windows: Sequence[tuple[Size, Size, Size]]) -> list[Size]:
    """How often each window fits."""
    padding = call.word("padding", ("valid", "same"))
    found = [window(n, kernel, stride, padding, rate) for n, (kernel, stride, rate) in zip(space, windows, strict=True)]
    if 0 in found:
        raise ShapeError(f"{call.name}: a window does not fit into {space}", "write padding: same, or a smaller window")
    return found
