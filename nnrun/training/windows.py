"""The batches of data that is streamed, read ahead by threads while the program computes; the order is the same."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from nnrun.data.parallel import processors
from nnrun.model import framework
from nnrun.training.pipeline import Window, order, steps_of_epoch

Array = np.ndarray[Any, Any]

WINDOW_BYTES = 2**25  # at most in one window, unless a single batch is larger
AHEAD = 2  # windows that are read while one is trained on


class _Batch(NamedTuple):
    """One batch that is being read: the epoch and the step that it belongs to."""

    place: tuple[int, int]
    arrays: Future[list[Array]]


class Windows:
    """Some `rows` of arrays that are made when they are asked for, as `pipeline.Batches` has those in memory.

    Args:
        arrays: Inputs, targets and, where given, weights: tuples and mappings of arrays or `Rows`.
        rows: The numbers of the rows that are gone through.
        batch_size: Rows of a batch; the last one may be short.
        seed: What moves the order.
        shuffle: Whether an epoch has an order of its own.
        most: Limits the steps of an epoch.
        whole: Leaves a short last batch out.
        to_tensors: Turns a structure of arrays into what the program takes.
        window_bytes: What the tensors of one window may take.
        threads: How many read; as many as there are processors where nothing is said.
    """

    def __init__(
        self,
        arrays: Any,
        rows: Array,
        *,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = False,
        most: int | None = None,
        whole: bool = False,
        to_tensors: Callable[[Any], Any],
        window_bytes: int = WINDOW_BYTES,
        threads: int | None = None,
    ) -> None:
        self.rows, self.size = rows, len(rows)
        self.batch_size, self.seed, self.shuffle = batch_size, seed, shuffle
        self.steps = steps_of_epoch(self.size, batch_size, most, whole=whole)
        self._arrays, self._leaves, self._to_tensors = arrays, framework.keras().tree.flatten(arrays), to_tensors
        row_bytes = sum(math.prod(leaf.shape[1:]) * leaf.dtype.itemsize for leaf in self._leaves)
        self.most_steps = max(1, min(self.steps, window_bytes // max(1, batch_size * row_bytes)))
        self._held = self.most_steps * batch_size  # rows of every window, so that its shape never changes
        self._whole = np.arange(self._held)
        self._threads = ThreadPoolExecutor(threads or processors(), thread_name_prefix="stream")
        self._ahead: deque[_Batch] = deque()
        self._epoch = 0
        self._order: tuple[int, Array] | None = None
        self._tensors: Any = None  # of the present window, with its first step
        self._places, self._first = self._whole, 0
        self._batches: list[list[Array]] = []  # that it was made of: the next one may begin in its middle

    @property
    def like(self) -> Any:
        """What the batches are made of, for a program to know shapes and dtypes."""
        return self._as_given([np.empty((0, *leaf.shape[1:]), leaf.dtype) for leaf in self._leaves])

    def order(self, epoch: int) -> Array:
        """The positions in `rows` of this epoch, in order."""
        return order(self.seed, epoch, self.size, self.shuffle)

    def begin(self, epoch: int, step: int = 0) -> None:
        """Goes to a step of an epoch; what was read for another place is given up."""
        self._epoch = epoch if self.shuffle else 0
        self._forget()
        self._read_from(step)

    def window(self, first: int, steps: int) -> Window:
        """The rows of these steps of the epoch, at most `most_steps`; what cannot be read is raised here."""
        if self._tensors is None or first < self._first or first + steps > self._first + len(self._batches):
            self._gather(first, steps)
        at = first - self._first
        return Window(self._tensors, self._places, at, at + steps, self._held)

    def close(self) -> None:
        """Ends the threads; nothing that they have not begun is read."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._ahead.clear()
        self._forget()

    def _gather(self, first: int, steps: int) -> None:
        """Makes the window that begins at a step, of so many steps and of those behind them that are there already."""
        batches = self._batches[first - self._first :] if first >= self._first else []
        self._forget()
        self._read_from(first + len(batches))
        while len(batches) < steps or (len(batches) < self.most_steps and self._is_there(first + len(batches))):
            batch = self._ahead.popleft()
            self._read_ahead(batch.place)
            batches.append(batch.arrays.result())
        tensors = [np.zeros((self._held, *leaf.shape[1:]), leaf.dtype) for leaf in self._leaves]
        count = 0
        for arrays in batches:
            for tensor, values in zip(tensors, arrays, strict=True):
                tensor[count : count + len(values)] = values
            count += len(arrays[0])
        self._tensors = self._to_tensors(self._as_given(tensors))
        self._first, self._batches = first, batches
        self._places = self._whole if count in (0, self._held) else self._whole[:count]

    def _is_there(self, step: int) -> bool:
        """Whether a batch of this epoch waits to be taken, in good order."""
        head = self._ahead[0]
        return head.place == (self._epoch, step) and head.arrays.done() and head.arrays.exception() is None

    def _read_from(self, step: int) -> None:
        """Lets the threads read on from a step of the epoch, if they do not already."""
        place = (self._epoch, step) if step < self.steps else self._after((self._epoch, step))
        if self._ahead and self._ahead[0].place == place:
            return
        for batch in self._ahead:
            batch.arrays.cancel()
        self._ahead.clear()
        self._submit(place)
        self._read_ahead(place)

    def _read_ahead(self, taken: tuple[int, int]) -> None:
        """Keeps the threads busy behind a place."""
        last = self._ahead[-1].place if self._ahead else taken
        while len(self._ahead) < AHEAD * self.most_steps:
            last = self._after(last)
            self._submit(last)

    def _submit(self, place: tuple[int, int]) -> None:
        epoch, step = place
        if self._order is None or self._order[0] != epoch:
            self._order = epoch, self.rows[self.order(epoch)]
        rows = self._order[1][step * self.batch_size : (step + 1) * self.batch_size]
        self._ahead.append(_Batch(place, self._threads.submit(self._make, rows)))

    def _as_given(self, leaves: list[Any]) -> Any:
        """Other leaves in the structure of the arrays."""
        return framework.keras().tree.pack_sequence_as(self._arrays, leaves)

    def _make(self, rows: Array) -> list[Array]:
        return [leaf[rows] for leaf in self._leaves]

    def _after(self, place: tuple[int, int]) -> tuple[int, int]:
        """The next batch, behind the last one of an epoch the first of the next."""
        epoch, step = place
        return (epoch, step + 1) if step + 1 < self.steps else (epoch + 1 if self.shuffle else 0, 0)

    def _forget(self) -> None:
        self._tensors, self._places, self._first, self._batches = None, self._whole, 0, []
