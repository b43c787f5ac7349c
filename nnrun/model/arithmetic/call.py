"""One use of a layer, as the rules of every family see it: its arguments, checked as they are read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from nnrun.config.references import Reference
from nnrun.model.arithmetic.shape import Shape, ShapeError, Size

SPACE = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


@dataclass(frozen=True)
class Call:
    """A layer's name, all of its arguments and the shapes of its input tensors, each of them known.

    Every reader of an argument raises ShapeError for a value that Keras would refuse. An argument that is
    absent, None or a `Reference` is an unknown number, and is carried like an unknown axis.
    """

    name: str
    arguments: Mapping[str, Any]
    shapes: tuple[Shape, ...] = ()

    @property
    def shape(self) -> Shape:
        """The first input."""
        return self.shapes[0]

    @property
    def rank(self) -> int:
        """The number of axes of space, which Keras writes into the name: 2 for Conv2DTranspose."""
        return _rank(self.name)

    @property
    def channels_first(self) -> bool:
        value = self.arguments.get("data_format") or "channels_last"
        return self._word("data_format", str(value).lower(), ("channels_last", "channels_first")) == ("channels_first")

    def given(self, key: str) -> Any:
        """The value of an argument, with None for each fact of the data that is not known yet."""
        return _known(self.arguments.get(key))

    def refuse(self, key: str, expected: str) -> ShapeError:
        """The error of an argument with a value that cannot be."""
        return ShapeError(f"{self.name}: {key} must be {expected}; got {self.arguments.get(key)!r}")

    def size(self, key: str, least: int = 1) -> Size:
        """One whole number of at least `least`."""
        value: Size = self.given(key)
        if value is None or whole(value, least):
            return value
        raise self.refuse(key, _at_least(least))

    def fraction(self, key: str) -> float | None:
        """One number from 0 to 1, both included."""
        value: float | None = self.given(key)
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1):
            return value
        raise self.refuse(key, "a number between 0 and 1")

    def sizes(self, key: str, count: int, least: int = 1) -> tuple[Size, ...]:
        """`count` whole numbers, where a single one stands for all."""
        value = self.given(key)
        if value is None or whole(value, least):
            return (value,) * count
        if (
            isinstance(value, Sequence)
            and len(value) == count
            and all(item is None or whole(item, least) for item in value)
        ):
            return tuple(value)
        raise self.refuse(key, _at_least(least) + (f", or a list of {count}" if count > 1 else ""))

    def pairs(self, key: str, count: int) -> tuple[tuple[int, int], ...] | None:
        """What is put to, or taken from, the two ends of `count` axes: one number, or one or two an axis."""
        value = self.given(key)
        if value is None:
            return None
        axes = [value] * count if count == 1 or isinstance(value, int) else value
        if isinstance(axes, Sequence) and not isinstance(axes, str) and len(axes) == count:
            ends = [(axis, axis) if isinstance(axis, int) else axis for axis in axes]
            if all(_pair(end) for end in ends):
                return tuple((first, last) for first, last in ends)
        many = "two" if count == 1 else f"a list of {count} numbers or pairs"
        raise self.refuse(key, f"a whole number of at least 0, or {many}")

    def word(self, key: str, allowed: tuple[str, ...]) -> str:
        """One of the `allowed` words."""
        return self._word(key, self.arguments.get(key), allowed)

    def axes(self, key: str) -> tuple[int, ...]:
        """Axes as Keras counts them, where a single one may stand alone; none for None."""
        value = self.given(key)
        if value is None:
            return ()
        found = tuple(value) if isinstance(value, list | tuple) else (value,)
        if not all(isinstance(axis, int) and not isinstance(axis, bool) for axis in found):
            raise self.refuse(key, "a whole number or a list of them")
        return found

    def flag(self, key: str) -> bool:
        return bool(self.arguments.get(key))

    def space(self, shape: Shape | None = None) -> tuple[Shape, Size]:
        """The axes of space and the channels of a row, by `data_format`; the rank is checked."""
        row = self.shape if shape is None else shape
        names = SPACE[self.rank]
        need(self.name, row, ("channels", *names) if self.channels_first else (*names, "channels"))
        return (row[1:], row[0]) if self.channels_first else (row[:-1], row[-1])

    def row(self, space: Sequence[Size], channels: Size) -> Shape:
        """Space and channels put together again, by `data_format`."""
        return (channels, *space) if self.channels_first else (*space, channels)

    def _word(self, key: str, value: Any, allowed: tuple[str, ...]) -> str:
        if isinstance(value, str) and value in allowed:
            return value
        raise self.refuse(key, "one of " + ", ".join(repr(word) for word in allowed))


@cache
def _rank(name: str) -> int:
    found = re.search(r"(\d)D", name)
    if found is None:
        raise ValueError(f"{name} has no number of axes in its name")
    return int(found[1])


def need(name: str, shape: Shape, axes: tuple[str, ...], hint: str = "") -> None:
    """Raise ShapeError unless the row has exactly the named axes."""
    if len(shape) == len(axes):
        return
    if not hint and len(shape) == len(axes) - 1 and axes[-1] == "channels" and None not in shape:
        hint = f"add the axis of channels before it: Reshape: [{', '.join(map(str, shape))}, 1]"
    elif not hint and len(shape) < len(axes):
        hint = "put a Reshape before it, or use Dense"
    elif not hint:
        hint = "put a Reshape before it, or wrap it in TimeDistributed"
    raise ShapeError(f"{name} needs rows of rank {len(axes)} ({', '.join(axes)}); got {shape}", hint)


def whole(value: Any, least: int) -> bool:
    """Whether it is a whole number of at least `least`; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _known(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_known(item) for item in value]
    return None if isinstance(value, Reference) else value


def _pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(whole(item, 0) for item in value)


def _at_least(least: int) -> str:
    return "a positive whole number" if least == 1 else f"a whole number of at least {least}"
