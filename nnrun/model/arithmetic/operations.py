"""Functions of `ops.*`: what a call of one gives. They see the batch as axis 0, so that shapes here are whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nnrun.model.arithmetic.call import Call
from nnrun.model.arithmetic.shape import Shape, ShapeError

BATCH = None
Result = Shape | list[Shape]


@dataclass(frozen=True)
class Tensor:
    """A tensor among the arguments of a function, its batch as axis 0; `shape` is None where nothing is known of it."""

    shape: Shape | None


class UnknownError(Exception):
    """The shape hangs on something that is not known yet: carried as None, never guessed."""


@dataclass(frozen=True)
class Operation(Call):
    """One call of a function; its tensors stand among the arguments, beside plain numbers."""

    def tensor(self, key: str) -> Shape:
        """The shape of a tensor, or of the numbers that stand in its place."""
        return self._shape(self.given(key))

    def tensors(self, key: str) -> tuple[Shape, ...]:
        """The shapes of a list of tensors."""
        value = self.given(key)
        if not isinstance(value, list | tuple):
            raise UnknownError
        return tuple(self._shape(item) for item in value)

    def axis(self, key: str, rank: int) -> int:
        """One axis, counted from 0."""
        return place(self.name, key, self.number(key), rank)

    def places(self, key: str, rank: int) -> tuple[int, ...] | None:
        """Axes counted from 0; None where none is named."""
        if self.arguments.get(key) is None:
            return None
        return tuple(place(self.name, key, axis, rank) for axis in self.axes(key))

    def number(self, key: str) -> int:
        """One whole number that is known, of any sign."""
        value = self.given(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if value is None:
            raise UnknownError
        raise self.refuse(key, "a whole number")

    def numbers(self, key: str) -> tuple[int, ...]:
        """Whole numbers, where a single one may stand alone."""
        value = self.given(key)
        found = value if isinstance(value, list | tuple) else [value]
        if None in found:
            raise UnknownError
        if not all(isinstance(item, int) and not isinstance(item, bool) for item in found):
            raise self.refuse(key, "a whole number or a list of them")
        return tuple(found)

    def _shape(self, value: Any) -> Shape:
        if isinstance(value, Tensor) and value.shape is not None:
            return value.shape
        if isinstance(value, bool | int | float):
            return ()
        if isinstance(value, list) and value:
            return (len(value), *self._shape(value[0]))
        raise UnknownError


OperationRule = Callable[[Operation], Result]
OPERATIONS: dict[str, OperationRule] = {}


def operation(*names: str) -> Callable[[OperationRule], OperationRule]:
    """Make a function the shape rule of functions of `ops`, named without that word."""

    def keep(rule: OperationRule) -> OperationRule:
        OPERATIONS.update({f"ops.{name}": rule for name in names})
        return rule

    return keep


def result(name: str, arguments: Mapping[str, Any]) -> Result | None:
    """What a function gives, the batch as axis 0; None where that is not known. Raises ShapeError where Keras refuses.

    `arguments` are all of the function's parameters with their defaults, and a `Tensor` for each tensor.
    """
    rule = OPERATIONS.get(name)
    if rule is None:
        return None
    try:
        return rule(Operation(name, arguments))
    except UnknownError:
        return None


def row_of(name: str, shape: Shape) -> Shape:
    """A result without its batch axis. Raises ShapeError where axis 0 is not the batch any more."""
    if not shape or shape[0] is not BATCH:
        hint = "functions of ops see the batch as axis 0: begin with axis 1, or -1 for the last"
        raise ShapeError(f"{name} gives the shape {shape}, and axis 0 must stay the batch", hint)
    return shape[1:]


def place(name: str, argument: str, axis: int, rank: int) -> int:
    """An axis counted from 0. Raises ShapeError where there is none."""
    if -rank <= axis < rank:
        return axis % rank
    hint = f"axes count from 0, the batch, to {rank - 1}; -1 is the last" if rank else ""
    raise ShapeError(f"{name}: {argument} {axis} is not there in a tensor of {rank} axes", hint)


def broadcast(name: str, shapes: Sequence[Shape]) -> Shape:
    """Several shapes as one, aligned at their ends; an axis of 1 is stretched."""
    found: Shape = ()
    for shape in shapes:
        rank = max(len(found), len(shape))
        first, second = ((1,) * (rank - len(one)) + one for one in (found, shape))
        sizes = []
        for i, j in zip(first, second, strict=True):
            if i is not None and j is not None and 1 not in (i, j) and i != j:
                listed = " and ".join(map(str, shapes))
                raise ShapeError(
                    f"{name}: shapes do not broadcast: {listed} (batch first)",
                    f"make {i} and {j} equal, or one of them 1: ops.expand_dims, or `keepdims: true` before it",
                )
            sizes.append(j if i in (1, None) and not (i is None and j == 1) else i)
        found = tuple(sizes)
    return found
