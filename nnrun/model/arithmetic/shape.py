"""The words of shape arithmetic: a shape, a size that may be unknown, and what does not fit."""

from __future__ import annotations

from math import prod

Size = int | None
"""The length of one axis, or any count that follows from it; None = unknown, carried, never guessed."""

Shape = tuple[Size, ...]
"""The shape of one row: without the batch axis."""


class ShapeError(Exception):
    """Shapes and arguments that do not fit: `what` says what was met, `hint` how to mend it."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


def product(*sizes: Size) -> Size:
    """The product, unknown as soon as one factor is."""
    known = [size for size in sizes if size is not None]
    return prod(known) if len(known) == len(sizes) else None


def total(*sizes: Size) -> Size:
    """The sum, unknown as soon as one term is."""
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def row_axis(name: str, argument: str, axis: int, rank: int) -> int:
    """The place in a row of `rank` axes that Keras calls `axis`, where axis 0 is the batch.

    Raises ShapeError for the batch axis and for an axis that is not there.
    """
    place = axis if axis >= 0 else axis + rank + 1
    if place == 0:
        raise ShapeError(
            f"{name}: {argument} {axis} is the batch axis",
            "axes count from 1 (the first axis of a row), or from -1 (the last)",
        )
    if not 1 <= place <= rank:
        raise ShapeError(
            f"{name}: {argument} {axis} is not there in rows of rank {rank}",
            f"take one of 1 to {rank}, or -1 for the last" if rank else "",
        )
    return place - 1
