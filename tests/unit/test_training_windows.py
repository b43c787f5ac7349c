"""Windows of a stream hold the batches that tensors in memory give: the same rows and order, in bounded memory."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from nnrun.data.rows import ArrayRows, ChosenRows
from nnrun.errors import DataError
from nnrun.training.pipeline import Batches, Window
from nnrun.training.windows import AHEAD, Windows

SIZE, BATCH = 53, 4  # the last batch has one row
X = np.random.default_rng(0).normal(size=(80, 2, 3)).astype(np.float32)
IDS = np.arange(80, dtype=np.int32)
Y = np.arange(80, dtype=np.float32)[:, None]
ROWS = np.random.default_rng(1).permutation(80)[:SIZE]
ROW_BYTES = 6 * 4 + 4 + 4
ARRAYS = ({"image": X, "ids": IDS}, Y)


def unchanged(arrays: Any) -> Any:
    return arrays


@contextmanager
def stream(**how: Any) -> Iterator[Windows]:
    windows = Windows(
        ({"image": ArrayRows(X), "ids": IDS}, Y), ROWS, **{"batch_size": BATCH, "to_tensors": unchanged, **how}
    )
    try:
        yield windows
    finally:
        windows.close()


def batches(window: Window) -> list[tuple[list[Any], ...]]:
    """What a program gathers."""
    (inputs, targets), order = window.tensors, window.order
    places = [order[step * BATCH : (step + 1) * BATCH] for step in range(window.first, window.last)]
    return [tuple(a[p].tolist() for a in (inputs["image"], inputs["ids"], targets)) for p in places]


def epoch(feed: Any, length: int, number: int, begin: int = 0) -> list[tuple[list[Any], ...]]:
    feed.begin(number, begin)
    found = []
    step = begin
    while step < feed.steps:
        steps = min(length, feed.steps - step)
        found += batches(feed.window(step, steps))
        step += steps
    return found


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("most_steps", [1, 3, 5, 14])
@pytest.mark.parametrize("length", [1, 2, 7, 14])
def test_training_windows_are_the_batches_in_memory(length: int, most_steps: int, shuffle: bool) -> None:
    how: dict[str, Any] = {"seed": 5, "shuffle": shuffle}
    held = Batches(ARRAYS, ROWS, 80, batch_size=BATCH, **how)
    with stream(**how, window_bytes=most_steps * BATCH * ROW_BYTES) as windows:
        assert (windows.size, windows.steps, windows.most_steps) == (held.size, held.steps, most_steps)
        for number in (0, 1, 2, 1):
            whole = epoch(held, held.steps, number)
            assert len(whole) == 14
            assert epoch(windows, min(length, most_steps), number) == whole
            assert windows.order(number).tolist() == held.order(number).tolist()


@pytest.mark.parametrize("begin", [1, 6, 13, 14])
def test_training_windows_begin_in_the_middle_of_an_epoch(begin: int) -> None:
    with stream(shuffle=True, window_bytes=3 * BATCH * ROW_BYTES) as windows:
        whole = epoch(windows, 3, 4)
        assert epoch(windows, 2, 4, begin) == whole[begin:]


def test_training_windows_of_changing_lengths() -> None:
    """The loop learns how long a step takes, and asks for more."""
    with stream(shuffle=True, window_bytes=6 * BATCH * ROW_BYTES) as windows:
        whole = epoch(windows, 6, 2)
        windows.begin(2)
        found, step = [], 0
        for steps in (1, 4, 6, 2, 1):
            found += batches(windows.window(step, steps))
            step += steps
        assert found == whole


def test_training_windows_an_epoch_may_be_cut() -> None:
    with stream(shuffle=True, most=3) as windows:
        assert windows.steps == windows.most_steps == 3
        whole = epoch(Batches(ARRAYS, ROWS, 80, batch_size=BATCH, shuffle=True), 14, 7)
        assert epoch(windows, 2, 7) == whole[:3]


def test_training_windows_never_change_their_shape() -> None:
    """Nor the order's, but where the short last batch is in it."""
    with stream(window_bytes=5 * BATCH * ROW_BYTES) as windows:
        windows.begin(0)
        asked = [windows.window(step, steps) for step, steps in ((0, 0), (0, 5), (5, 3), (8, 4), (12, 2), (14, 0))]
    assert {(w.rows, *(len(a) for a in (w.tensors[0]["image"], w.tensors[0]["ids"], w.tensors[1]))) for w in asked} == {
        (20, 20, 20, 20)
    }
    assert all(w.order.tolist() == list(range(len(w.order))) for w in asked)
    assert [w.last - w.first for w in asked] == [0, 5, 3, 4, 2, 0]
    assert len(asked[4].order) == asked[4].first * BATCH + 5  # a whole batch, and one row


def test_training_windows_tell_what_they_are_made_of() -> None:
    with stream() as windows:
        inputs, targets = windows.like
    assert {name: (array.shape, array.dtype) for name, array in inputs.items()} == {
        "image": ((0, 2, 3), np.float32),
        "ids": ((0,), np.int32),
    }
    assert (targets.shape, targets.dtype) == ((0, 1), np.float32)


class Counted(ArrayRows):
    """Counts the bytes that are made and still there."""

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        super().__init__(array)
        self.lock, self.live, self.most, self.made = threading.Lock(), 0, 0, 0

    def make(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        rows = super().make(numbers)
        self.add(rows)
        self.made += len(numbers)
        return rows

    def add(self, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        with self.lock:
            self.live += array.nbytes
            self.most = max(self.most, self.live)
        weakref.finalize(array, self.free, array.nbytes)
        return array

    def free(self, count: int) -> None:
        with self.lock:
            self.live -= count


def test_training_windows_hold_a_bounded_number_of_bytes() -> None:
    """Those that are read ahead, the present one as batches, and its tensors; however long the epoch is."""
    rows = Counted(np.zeros((4000, 100), np.float32))
    window = 10 * BATCH * 400
    windows = Windows(
        (rows,), np.arange(4000), batch_size=BATCH, shuffle=True, window_bytes=window, threads=2,
        to_tensors=lambda arrays: tuple(rows.add(array) for array in arrays),
    )  # fmt: skip
    gc.disable()  # what only a collection would free counts as held
    try:
        windows.begin(0)
        for step in range(0, windows.steps, 10):
            windows.window(step, 10)
    finally:
        windows.close()
        gc.enable()
    assert rows.made >= 4000
    assert rows.most <= (AHEAD + 2) * window + 2 * BATCH * 400
    assert rows.live == 0


def test_training_windows_of_one_batch_that_is_larger_than_a_window() -> None:
    with stream(window_bytes=1) as windows:
        assert windows.most_steps == 1
        assert len(epoch(windows, 1, 0)) == 14


class Broken(ArrayRows):
    """Has a row that cannot be read."""

    def make(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        if 30 in numbers:
            raise DataError("30.png cannot be decoded")
        return super().make(numbers)


def test_training_windows_raise_what_a_thread_has_met_when_its_rows_are_asked_for() -> None:
    windows = Windows((Broken(X),), np.arange(80), batch_size=BATCH, window_bytes=3 * BATCH * 24, to_tensors=unchanged)
    try:
        windows.begin(0)
        for step in range(7):
            windows.window(step, 1)
        with pytest.raises(DataError, match=r"30\.png cannot be decoded"):
            windows.window(7, 1)
    finally:
        windows.close()
    assert _threads() == []


def test_training_windows_have_no_thread_before_they_are_asked_nor_after_they_are_closed() -> None:
    with stream() as windows:
        assert _threads() == []
        windows.begin(0)
        assert _threads() != []
    assert _threads() == []
    windows.close()  # a second time


def test_training_windows_give_up_what_was_read_for_another_place() -> None:
    gate = threading.Event()
    made: list[list[int]] = []

    class Slow(ArrayRows):
        def make(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
            gate.wait(10)
            made.append(numbers.tolist())
            return super().make(numbers)

    windows = Windows(
        (Slow(X),), np.arange(80), batch_size=BATCH, window_bytes=5 * BATCH * 24, threads=1, to_tensors=unchanged
    )
    windows.begin(0)
    windows.begin(0, 10)
    gate.set()
    assert np.array_equal(windows.window(10, 1).tensors[0][:BATCH], X[40:44])
    windows.close()
    assert [numbers[0] for numbers in made[:2]] == [0, 40]  # only the batch that was begun already


def test_training_windows_go_on_to_the_next_epoch_by_themselves() -> None:
    made: list[int] = []

    class Heard(ArrayRows):
        def make(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
            made.extend(numbers.tolist())
            return super().make(numbers)

    windows = Windows((Heard(X),), np.arange(8), batch_size=BATCH, shuffle=True, threads=1, to_tensors=unchanged)
    windows.begin(0)
    windows.window(0, 2)
    windows.begin(1)
    windows.window(0, 2)
    windows.close()
    assert made[:8] == windows.order(0).tolist()
    assert made[8:16] == windows.order(1).tolist()  # read once, though the epoch began later


@pytest.mark.parametrize("wrap", [unchanged, lambda array: ChosenRows(ArrayRows(array), np.arange(80))])
def test_training_windows_take_arrays_and_rows(wrap: Callable[[Any], Any]) -> None:
    windows = Windows((wrap(X), wrap(Y), wrap(Y)), ROWS, batch_size=50, to_tensors=unchanged)
    try:
        x, y, weights = windows.window(0, 2).tensors
    finally:
        windows.close()
    assert np.array_equal(x[:SIZE], X[ROWS])
    assert np.array_equal(y[:SIZE], weights[:SIZE])
    assert not x[SIZE:].any()


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("stream")]
