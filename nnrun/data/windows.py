"""Rows that are windows of a series: several consecutive rows of a table, and what comes after them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from nnrun.data.dataset import Dataset
from nnrun.data.rows import Rows
from nnrun.errors import DataError, Where

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Windows:
    """Where each window begins in the table, and how far it reaches.

    A window has `length` rows of the table; its target are the `horizon` rows that begin `gap` rows behind it. With a
    horizon of 0 the target is the last row of the window.
    """

    starts: np.ndarray[Any, Any]
    length: int
    horizon: int = 0
    gap: int = 0
    stride: int = 1
    parts: Mapping[str, np.ndarray[Any, Any]] = field(default_factory=dict)  # of the table, that the data brings

    @property
    def overlap(self) -> int:
        """How many windows after one share rows of the table with it."""
        return (self.reach - 1) // self.stride

    @property
    def reach(self) -> int:
        """How many rows of the table a window takes with its target."""
        return self.length + (self.gap + self.horizon if self.horizon else 0)

    @property
    def lasts(self) -> np.ndarray[Any, Any]:
        """The last row of every window."""
        last: np.ndarray[Any, Any] = self.starts + self.length - 1
        return last

    @property
    def answers(self) -> np.ndarray[Any, Any]:
        """The first row of the target of every window."""
        first: np.ndarray[Any, Any] = self.starts + self.length + (self.gap if self.horizon else -1)
        return first

    def records(self, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The rows of the table in some windows and their targets, each once, in order."""
        import numpy as np

        return np.unique(self.starts[rows][:, None] + np.arange(self.reach))

    def answered(self, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The rows of the table that some windows answer, each once, in order; without a horizon all that they hold."""
        import numpy as np

        if not self.horizon:
            return self.records(rows)
        return np.unique(self.answers[rows][:, None] + np.arange(self.horizon))

    def targets(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """What comes after each window: (windows, horizon, ...), or (windows, ...) where it is one row of the table."""
        import numpy as np

        if self.horizon <= 1:
            return np.asarray(values[self.answers])
        return np.asarray(values[self.answers[:, None] + np.arange(self.horizon)])

    def within(self, rows: np.ndarray[Any, Any], *, whole: bool) -> np.ndarray[Any, Any]:
        """The windows whose target, or which as a `whole`, lie in some rows of the table."""
        import numpy as np

        inside = np.zeros(int(self.starts.max(initial=0)) + self.reach + 1, dtype=np.int64)
        inside[rows[rows < len(inside)]] = 1
        counts = np.concatenate([[0], np.cumsum(inside)])
        if whole or not self.horizon:
            first, size = self.starts, self.reach
        else:
            first, size = self.starts + self.length + self.gap, self.horizon
        return np.flatnonzero(counts[first + size] - counts[first] == size)

    def apart(self, train: np.ndarray[Any, Any], held_out: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Those windows of `train` that hold no row of the table which is a target of windows that are held out.

        Without a horizon every row of a window may be its target.
        """
        import numpy as np

        targets = np.zeros(int(self.starts.max(initial=0)) + self.reach + 1, dtype=np.int64)
        targets[self.answered(held_out)] = 1
        counts = np.concatenate([[0], np.cumsum(targets)])
        return np.asarray(train[counts[self.starts[train] + self.reach] == counts[self.starts[train]]])


class WindowRows(Rows):
    """The windows of prepared values by row of the table: (windows, length, ...)."""

    def __init__(self, values: np.ndarray[Any, Any], windows: Windows) -> None:
        self.values, self.windows = values, windows
        self.shape, self.dtype = (len(windows.starts), windows.length, *values.shape[1:]), values.dtype

    def make(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        import numpy as np

        made: np.ndarray[Any, Any] = self.values[self.windows.starts[numbers][:, None] + np.arange(self.windows.length)]
        return made


def windowed(dataset: Dataset, settings: Mapping[str, Any], where: Where | None = None) -> Dataset:
    """The table in windows; none reaches over the end of a file, or from one part that the data brings into another."""
    import numpy as np

    if dataset.columns is None:
        raise DataError("windows are made of the rows of a table, and the source has none", where=where)
    length, stride = int(settings["length"]), int(settings.get("stride", 1))
    horizon, gap = int(settings.get("horizon", 0)), int(settings.get("gap", 0))
    by = settings.get("group")
    reach = Windows(np.empty(0, np.int64), length, horizon, gap).reach
    groups = None if by is None else dataset.single(by, "group of windows", "a column", where)
    pieces = _pieces(dataset.size, list(dataset.parts.values()), groups)
    starts = np.concatenate(
        [np.empty(0, np.int64), *(np.arange(first, last - reach + 1, stride) for first, last in pieces)]
    ).astype(np.int64)
    if not len(starts):
        longest = max((last - first for first, last in pieces), default=0)
        raise DataError(
            f"a window takes {reach:,} rows, and the longest series has {longest:,}",
            where=where,
            expected="a shorter length or horizon",
        )
    windows = Windows(starts, length, horizon, gap, stride, dict(dataset.parts))
    parts = {part: windows.within(np.asarray(rows), whole=True) for part, rows in dataset.parts.items()}
    for part, rows in parts.items():
        if not len(rows):
            raise DataError(f"the {part} part is too short for a window of {reach:,} rows", where=where)
    return replace(dataset, size=len(starts), parts=parts, windows=windows)


def table_of(dataset: Dataset) -> Dataset:
    """The rows of the table that windows were made of."""
    assert dataset.windows is not None
    assert dataset.columns is not None
    return replace(dataset, size=len(dataset.columns), parts=dataset.windows.parts, windows=None)


def _pieces(size: int, parts: Sequence[Any], groups: Any) -> list[tuple[int, int]]:
    """First and last row (not itself) of every stretch of the table that is one series."""
    import numpy as np

    changes = np.zeros(size + 1, bool)
    changes[[0, size]] = True
    for rows in parts:
        inside = np.zeros(size + 2, bool)
        inside[np.asarray(rows, dtype=np.int64) + 1] = True
        changes |= inside[1:] != inside[:-1]
    if groups is not None:
        values = np.asarray(groups)
        changes[1:size] |= values[1:] != values[:-1]
    edges = np.flatnonzero(changes)
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
