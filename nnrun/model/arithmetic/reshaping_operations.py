"""Functions of `ops.*` that put axes and rows in another order, take some of them, or join tensors."""

from __future__ import annotations

from itertools import pairwise

from nnrun.model.arithmetic.operations import Operation, Result, UnknownError, broadcast, operation
from nnrun.model.arithmetic.shape import Shape, ShapeError, Size, product, total


@operation("reshape")
def _reshape(call: Operation) -> Shape:
    shape, target = call.tensor("x"), call.given("newshape")
    if not isinstance(target, list | tuple):
        raise UnknownError
    if list(target).count(-1) > 1:
        raise call.refuse("newshape", "a list with one -1 at most")
    values, rest = product(*shape), product(*(size for size in target if size != -1))
    if values is None or rest is None:
        return tuple(None if size == -1 else size for size in target)
    if -1 not in target and rest == values:
        return tuple(target)
    if -1 not in target or rest == 0 or values % rest:
        raise ShapeError(f"{call.name}: {list(target)} does not hold the {values} values of {shape}")
    return tuple(values // rest if size == -1 else size for size in target)


@operation("transpose")
def _transpose(call: Operation) -> Shape:
    shape, axes = call.tensor("x"), call.places("axes", len(call.tensor("x")))
    if axes is None:
        return shape[::-1]
    if sorted(axes) != list(range(len(shape))):
        raise call.refuse("axes", f"the numbers 0 to {len(shape) - 1} in a new order, 0 (the batch) first")
    return tuple(shape[axis] for axis in axes)


@operation("expand_dims")
def _expand_dims(call: Operation) -> Shape:
    shape, count = call.tensor("x"), len(call.numbers("axis"))
    places = call.places("axis", len(shape) + count) or ()
    if len(set(places)) < len(places):
        raise call.refuse("axis", "places that differ")
    sizes = iter(shape)
    return tuple(1 if axis in places else next(sizes) for axis in range(len(shape) + count))


@operation("squeeze")
def _squeeze(call: Operation) -> Shape:
    shape = call.tensor("x")
    places = call.places("axis", len(shape))
    if places is None:
        return tuple(size for size in shape if size != 1)
    for axis in places:
        if shape[axis] != 1:
            raise ShapeError(f"{call.name}: axis {axis} of {shape} is not 1", "name axes of size 1 only")
    return tuple(size for axis, size in enumerate(shape) if axis not in places)


@operation("swapaxes")
def _swapaxes(call: Operation) -> Shape:
    sizes = list(call.tensor("x"))
    first, second = (call.axis(key, len(sizes)) for key in ("axis1", "axis2"))
    sizes[first], sizes[second] = sizes[second], sizes[first]
    return tuple(sizes)


@operation("moveaxis")
def _moveaxis(call: Operation) -> Shape:
    shape = call.tensor("x")
    sources, targets = (call.places(key, len(shape)) or () for key in ("source", "destination"))
    if len(sources) != len(targets):
        raise call.refuse("destination", f"as many axes as source: {len(sources)}")
    moved = dict(zip(targets, sources, strict=True))
    rest = iter(axis for axis in range(len(shape)) if axis not in sources)
    return tuple(shape[moved[axis] if axis in moved else next(rest)] for axis in range(len(shape)))


@operation("repeat")
def _repeat(call: Operation) -> Shape:
    shape, repeats = call.tensor("x"), call.numbers("repeats")
    flat = call.arguments.get("axis") is None
    sizes: list[Size] = [product(*shape)] if flat else list(shape)
    axis = 0 if flat else call.axis("axis", len(shape))
    size = sizes[axis]
    if size is not None and len(repeats) not in (1, size):
        raise call.refuse("repeats", f"one number, or {size} of them")
    sizes[axis] = None if size is None else size * repeats[0] if len(repeats) == 1 else sum(repeats)
    return tuple(sizes)


@operation("tile")
def _tile(call: Operation) -> Shape:
    shape, repeats = call.tensor("x"), call.numbers("repeats")
    rank = max(len(shape), len(repeats))
    shape, repeats = (1,) * (rank - len(shape)) + shape, (1,) * (rank - len(repeats)) + repeats
    return tuple(product(size, count) for size, count in zip(shape, repeats, strict=True))


@operation("pad")
def _pad(call: Operation) -> Shape:
    shape, widths = call.tensor("x"), call.given("pad_width")
    if isinstance(widths, int):
        widths = [[widths, widths]]
    elif isinstance(widths, list) and len(widths) == 2 and all(isinstance(width, int) for width in widths):
        widths = [widths]
    if not isinstance(widths, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in widths):
        raise UnknownError
    pairs = widths * len(shape) if len(widths) == 1 else widths
    if len(pairs) != len(shape):
        raise call.refuse("pad_width", f"a pair for each of the {len(shape)} axes, [0, 0] for the batch first")
    return tuple(total(size, *pair) for size, pair in zip(shape, pairs, strict=True))


@operation("concatenate")
def _concatenate(call: Operation) -> Shape:
    shapes = call.tensors("xs")
    first, axis = shapes[0], call.axis("axis", len(shapes[0]))
    for shape in shapes:
        others = (zip(_without(first, axis), _without(shape, axis), strict=True)) if len(shape) == len(first) else None
        if others is None or any(i is not None and j is not None and i != j for i, j in others):
            raise _unequal(call, shapes, f"but for axis {call.number('axis')}")
    return (*first[:axis], total(*(shape[axis] for shape in shapes)), *first[axis + 1 :])


@operation("stack")
def _stack(call: Operation) -> Shape:
    shapes = call.tensors("x")
    first, axis = shapes[0], call.axis("axis", len(shapes[0]) + 1)
    for shape in shapes:
        if len(shape) != len(first) or any(
            None not in pair and pair[0] != pair[1] for pair in zip(first, shape, strict=True)
        ):
            raise _unequal(call, shapes)
    return (*first[:axis], len(shapes), *first[axis:])


def _unequal(call: Operation, shapes: tuple[Shape, ...], rest: str = "") -> ShapeError:
    return ShapeError(f"{call.name} needs equal shapes {rest}".rstrip() + "; got " + " and ".join(map(str, shapes)))


def _without(shape: Shape, axis: int) -> Shape:
    return shape[:axis] + shape[axis + 1 :]


@operation("unstack")
def _unstack(call: Operation) -> Result:
    shape = call.tensor("x")
    axis = call.axis("axis", len(shape))
    count = shape[axis] if call.arguments.get("num") is None else call.number("num")
    if count is None:
        raise ShapeError(f"{call.name}: the length of axis {axis} of {shape} is not known", "write `num`")
    return [_without(shape, axis)] * count


@operation("split")
def _split(call: Operation) -> Result:
    shape, parts = call.tensor("x"), call.given("indices_or_sections")
    axis = call.axis("axis", len(shape))
    size = shape[axis]
    if isinstance(parts, list):
        cuts = (0, *call.numbers("indices_or_sections"))
        sizes = [*(last - first for first, last in pairwise(cuts)), None if size is None else size - cuts[-1]]
        if any(part is not None and part < 0 for part in sizes):
            raise UnknownError
    else:
        count = call.number("indices_or_sections")
        if count < 1 or (size is not None and size % count):
            raise ShapeError(f"{call.name}: {size} values of axis {axis} do not fall into {count} equal parts")
        sizes = [None if size is None else size // count] * count
    return [(*shape[:axis], size, *shape[axis + 1 :]) for size in sizes]


@operation("take")
def _take(call: Operation) -> Shape:
    shape, indices = call.tensor("x"), call.tensor("indices")
    if call.arguments.get("axis") is None:
        return indices
    axis = call.axis("axis", len(shape))
    return (*shape[:axis], *indices, *shape[axis + 1 :])


@operation("take_along_axis")
def _take_along_axis(call: Operation) -> Shape:
    shape, indices = call.tensor("x"), call.tensor("indices")
    flat = call.arguments.get("axis") is None
    if flat:
        shape = (product(*shape),)
    if len(shape) != len(indices):
        raise ShapeError(f"{call.name}: x {shape} and indices {indices} need as many axes")
    axis = 0 if flat else call.axis("axis", len(shape))
    return broadcast(call.name, [(*shape[:axis], indices[axis], *shape[axis + 1 :]), indices])


@operation("one_hot")
def _one_hot(call: Operation) -> Shape:
    shape, axis = call.tensor("x"), call.number("axis")
    if not -1 <= axis < len(shape):
        raise call.refuse("axis", f"-1, or 0 to {len(shape) - 1}")
    axis = len(shape) if axis == -1 else axis
    return (*shape[:axis], call.size("num_classes"), *shape[axis:])


@operation("top_k")
def _top_k(call: Operation) -> Result:
    shape = (*call.tensor("x")[:-1], call.number("k"))
    return [shape, shape]


@operation("slice")
def _slice(call: Operation) -> Shape:
    shape, starts, sizes = call.tensor("inputs"), call.given("start_indices"), call.numbers("shape")
    if len(sizes) != len(shape):
        raise call.refuse("shape", f"a size for each of the {len(shape)} axes, -1 for the rest of one")
    known = isinstance(starts, list) and all(isinstance(start, int) for start in starts)
    ends = (
        [total(n, -start) if n is not None else None for n, start in zip(shape, starts, strict=True)]
        if known
        else shape
    )
    return tuple((end if known else None) if size == -1 else size for size, end in zip(sizes, ends, strict=True))


@operation("diff")
def _diff(call: Operation) -> Shape:
    sizes = list(call.tensor("a"))
    axis = call.axis("axis", len(sizes))
    size = sizes[axis]
    sizes[axis] = None if size is None else max(size - call.number("n"), 0)
    return tuple(sizes)


@operation("glu")
def _glu(call: Operation) -> Shape:
    sizes = list(call.tensor("x"))
    axis = call.axis("axis", len(sizes))
    size = sizes[axis]
    if size is not None and size % 2:
        raise ShapeError(f"{call.name} halves axis {axis}, which has {size}", "make it even")
    sizes[axis] = None if size is None else size // 2
    return tuple(sizes)


@operation("rfft")
def _rfft(call: Operation) -> Result:
    shape = call.tensor("x")
    length = shape[-1] if call.arguments.get("fft_length") is None else call.number("fft_length")
    last = None if length is None else length // 2 + 1
    return [(*shape[:-1], last)] * 2


@operation("fft", "fft2", "ifft2")
def _fft(call: Operation) -> Result:
    shapes = call.tensors("x")
    if len(shapes) != 2 or shapes[0] != shapes[1]:
        raise ShapeError(f"{call.name} takes two tensors of one shape, real and imaginary part")
    if shapes[0][-1] is None:
        raise ShapeError(f"{call.name}: the length of the last axis is not known")
    return list(shapes)
