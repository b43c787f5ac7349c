"""Arrays in memory, and the order in which an epoch goes through them: a function of (seed, epoch), nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]


def order(seed: int, epoch: int, size: int, shuffle: bool) -> Array:
    """The positions of an epoch in the order in which they are trained on."""
    if not shuffle:
        return np.arange(size)
    return np.random.default_rng([seed, epoch]).permutation(size)


def steps_of_epoch(rows: int, batch_size: int, most: int | None = None, *, whole: bool = False) -> int:
    """How many batches an epoch has; `most` limits them, with `whole` a short last one is left out."""
    return min(rows // batch_size if whole else -(-rows // batch_size), most or rows)


class Window(NamedTuple):
    """Tensors that hold the rows of steps `first` to `last` (not itself), and the rows' places in them, in order."""

    tensors: Any
    order: Array
    first: int
    last: int
    rows: int  # that the tensors hold


class Batches:
    """Some `rows` of tensors in memory, to be gathered by number; the last batch may be short.

    Training and validation, and every fold, gather from the same tensors. `most` limits the steps of an epoch
    (`steps_per_epoch`, `validation_steps`), `whole` leaves a short last batch out.
    """

    most_steps = 2**31 - 1

    def __init__(
        self,
        tensors: Any,
        rows: Array,
        held: int,
        *,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = False,
        most: int | None = None,
        whole: bool = False,
    ) -> None:
        self.tensors, self.rows, self.held = tensors, rows, held
        self.size, self.batch_size, self.seed, self.shuffle = len(rows), batch_size, seed, shuffle
        self.steps = steps_of_epoch(self.size, batch_size, most, whole=whole)
        self._order = rows  # the same array while nothing changes, so that it is not sent again
        self.begin(0)

    def begin(self, epoch: int, step: int = 0) -> None:
        """Puts the rows into the order of an epoch."""
        if self.shuffle:
            self._order = self.rows[self.order(epoch)]

    @property
    def like(self) -> Any:
        """What the batches are made of, for a program to know shapes and dtypes."""
        return self.tensors

    def order(self, epoch: int) -> Array:
        """The positions in `rows` of this epoch, in order."""
        return order(self.seed, epoch, self.size, self.shuffle)

    def window(self, first: int, steps: int) -> Window:
        """The tensors with the epoch's whole order."""
        return Window(self.tensors, self._order, first, first + steps, self.held)

    def close(self) -> None:
        """Nothing to end; a stream has threads."""


def rows_after(steps: Array, batch_size: int, size: int) -> Array:
    """How many rows an epoch has seen after so many steps."""
    return np.asarray(np.minimum(steps * batch_size, size))


def take(arrays: Any, rows: Array) -> Any:
    """Some rows of an array, or of each array of a mapping."""
    if isinstance(arrays, Mapping):
        return {name: array[rows] for name, array in arrays.items()}
    return arrays[rows]
