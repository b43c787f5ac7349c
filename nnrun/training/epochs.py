"""The loop of an epoch: many steps a call, inside one compiled program around Keras' own `train_step`.

`Model.fit` stays the outer loop. It is handed calls in place of batches, and `Loop.function` as its `train_function`
or `test_function`: each call runs as many steps as make about a tenth of a second. The first and the last step are
arguments of the program, so that the number of steps a call does not change a bit of the result.
"""

from __future__ import annotations

import math
import time
from typing import Any, Protocol

import numpy as np

from nnrun.training.pipeline import Window
from nnrun.training.programs import Call, Program

SECONDS_A_CALL = 0.08
STEPS_A_CALL = 50  # at most, where an epoch has so many that Keras may be asked often

Array = np.ndarray[Any, Any]


class Feed(Protocol):
    """Where batches come from: tensors in memory (`pipeline.Batches`), or windows of a stream (`windows.Windows`)."""

    size: int
    batch_size: int
    steps: int
    most_steps: int

    @property
    def like(self) -> Any: ...

    def order(self, epoch: int) -> Array: ...

    def begin(self, epoch: int, step: int = 0) -> None: ...

    def window(self, first: int, steps: int) -> Window: ...


class Loop:
    """Runs the steps of an epoch; `function` is what Keras calls, `calls` times an epoch.

    `first` and `means` tell of the last call: its first step, and the running mean of the loss after each of its steps,
    fewer than it was to run where the loss was lost. `step` counts the steps that are done, `longest` is the most that
    one call has run.
    """

    def __init__(self, program: Program, feed: Feed, *, length: int | None = None) -> None:
        self.program, self.feed = program, feed
        most = min(feed.most_steps, program.most_steps)
        self.length = None if length is None else min(length, most)
        self._most = most
        self.calls = self._calls(feed.steps)
        last = feed.size - (feed.steps - 1) * feed.batch_size
        self.remainder = last if 0 < last < feed.batch_size else 0
        self.function = program.function(self._advance)
        self.first, self.means = 0, np.zeros(0, np.float32)
        self._call = self.step = self.longest = 0
        self._logs: Any = None
        self._order: tuple[Any, Any] = (None, None)
        self._keys = self._keys_of(0)

    def begin(self, epoch: int, step: int = 0) -> None:
        """Puts the rows into the order of an epoch, of which so many steps are done already."""
        self.feed.begin(epoch, step)
        self._keys = self._keys_of(epoch)
        self._call, self.step, self._logs = 0, step, None

    def _advance(self, state: Any) -> Any:
        steps = self._next()
        self._call += 1
        self.first, self.means = self.step, self.means[:0]
        if steps or self._logs is None:
            began, traces = time.perf_counter(), self.program.traces
            logs, self.means, state = self.program(state, self._prepared(steps))
            self._logs = {name: _plain(value) for name, value in logs.items()}
            if steps and self.program.traces == traces:  # the time of a call that compiled says nothing
                self.program.seconds_a_step = (time.perf_counter() - began) / steps
            self.step += steps
            self.longest = max(self.longest, steps)
        return self._logs, state

    def _prepared(self, steps: int) -> Call:
        window = self.feed.window(self.step, steps)
        if self._order[0] is not window.order:
            order = _whole(window.order, self.feed.batch_size) if self.program.fills else window.order
            self._order = window.order, self.program.order(order, window.rows)
        short = bool(self.remainder) and steps > 0 and self.step + steps == self.feed.steps
        size = self.feed.batch_size
        fresh = self.step == 0 and self._logs is None
        draw = np.concatenate([[self.step - window.first], self._keys]).astype(np.int32)
        return Call(window.tensors, self._order[1], window.first, window.last, size, self.remainder, short, fresh, draw)

    def _keys_of(self, epoch: int) -> Array:
        """What augmentation draws by in an epoch; nothing where nothing is augmented."""
        augment = self.program.augment
        return np.zeros(0, np.int32) if augment is None else augment.keys(epoch)

    def _calls(self, steps: int) -> int:
        """Into how many calls an epoch is cut, before the first of them is measured in an unmeasured program."""
        if self.length:
            return -(-steps // self.length)
        seconds = self.program.seconds_a_step * steps
        if seconds:
            return max(1, math.ceil(seconds / SECONDS_A_CALL), -(-steps // self._most))
        return max(1, min(10, -(-steps // 2)), -(-steps // min(STEPS_A_CALL, self._most)))

    def _next(self) -> int:
        """How many steps this call runs."""
        left = self.feed.steps - self.step
        if self.length:
            return min(self.length, left)
        seconds = self.program.seconds_a_step
        wanted = int(SECONDS_A_CALL / seconds) if seconds else 1
        return min(left, self._most, max(wanted, -(-left // (self.calls - self._call))))


def _whole(order: Array, batch_size: int) -> Array:
    """An order of whole batches: the first row stands where there is none, and counts nothing."""
    return np.concatenate([order, np.full(-len(order) % batch_size, order[0] if len(order) else 0, order.dtype)])


def _plain(value: Any) -> Any:
    """A metric's result as Keras would log it: a float, or an array where it has a value for each class."""
    array = np.asarray(value)
    return float(array) if array.ndim == 0 else array
