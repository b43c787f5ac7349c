"""Arrays whose rows are made when they are asked for, so that data may be larger than memory."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

CHUNK_BYTES = 2**25  # what `chunks` holds at once
CHUNK_ROWS = 4096  # its rows at most, since making a row may cost more than its bytes


class Rows(ABC):
    """What an array tells about itself, and any of its rows as an array, the same at every time.

    `shape` and `dtype` are those of the whole array, with the rows on axis 0.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice | np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        import numpy as np

        numbers = np.arange(*rows.indices(len(self))) if isinstance(rows, slice) else np.asarray(rows)
        if len(numbers) and (numbers.min() < 0 or numbers.max() >= len(self)):
            raise IndexError(f"rows {numbers.min()} to {numbers.max()} of {len(self)}")
        return self.make(numbers)

    @abstractmethod
    def make(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """These rows, by their numbers."""

    def read(self) -> np.ndarray[Any, Any]:
        """All rows."""
        return self[:]

    def check(self) -> None:  # noqa: B027  most kinds have nothing to look at
        """Finds, as far as headers tell, what would else be found in the middle of a training."""

    @property
    def nbytes(self) -> int:
        """The bytes of all rows."""
        return math.prod(self.shape) * self.dtype.itemsize

    def chunks(self) -> Iterator[tuple[int, np.ndarray[Any, Any]]]:
        """All rows in pieces that are small against memory, each with the number of its first row."""
        row = max(1, self.nbytes // max(1, len(self)))
        size = max(1, min(CHUNK_ROWS, CHUNK_BYTES // row))
        for first in range(0, len(self), size):
            yield first, self[first : first + size]


class ChosenRows(Rows):
    """Some rows of others, in an order of their own."""

    def __init__(self, rows: Rows, numbers: np.ndarray[Any, Any]) -> None:
        self.rows, self.numbers = rows, numbers
        self.shape, self.dtype = (len(numbers), *rows.shape[1:]), rows.dtype

    def make(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return self.rows[self.numbers[numbers]]


class ArrayRows(Rows):
    """An array in memory."""

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self.array, self.shape, self.dtype = array, array.shape, array.dtype

    def make(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        made: np.ndarray[Any, Any] = self.array[numbers]
        return made

    def read(self) -> np.ndarray[Any, Any]:
        return self.array


class FileRows(Rows):
    """An array that stands in a file as plain numbers, one row after the other, from the byte `offset` on.

    Rows are read, not mapped into memory: a file that shrinks is an error in place of a crash, and other threads go on
    while the disk is waited for.
    """

    held: Any = None  # what keeps the file there, where it is a temporary one

    def __init__(self, path: Path, offset: int, shape: tuple[int, ...], stored: np.dtype[Any]) -> None:
        self.path, self.offset, self.shape, self.stored = path, offset, shape, stored
        self.dtype = stored.newbyteorder("=")
        self._row_bytes = math.prod(shape[1:]) * stored.itemsize

    def make(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        import numpy as np

        rows = np.empty((len(numbers), *self.shape[1:]), self.stored)
        if not rows.nbytes:
            return rows.astype(self.dtype, copy=False)
        places = memoryview(rows.reshape(-1).view(np.uint8).data)
        starts = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 2) != 1)  # neighbours are read at once
        ends = np.append(starts[1:], len(numbers))
        with self.path.open("rb", buffering=0) as stream:
            for start, end, row in zip(starts.tolist(), ends.tolist(), numbers[starts].tolist(), strict=True):
                self._read(stream, places[start * self._row_bytes : end * self._row_bytes], row)
        return rows.astype(self.dtype, copy=False)

    def _read(self, stream: FileIO, place: memoryview, row: int) -> None:
        stream.seek(self.offset + row * self._row_bytes)
        while place:
            count = stream.readinto(place)
            if not count:
                raise DataError(f"{self.path} ends before its row {row}", hint="copy or download it again")
            place = place[count:]


class Float32Rows(Rows):
    """Rows as a model takes them: times `scale`, as float32."""

    def __init__(self, rows: Rows, scale: float | None) -> None:
        import numpy as np

        self.rows, self.scale = rows, scale
        self.shape, self.dtype = rows.shape, np.dtype(np.float32)

    def check(self) -> None:
        self.rows.check()

    def read(self) -> np.ndarray[Any, Any]:
        return self._scaled(self.rows.read())

    def make(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return self._scaled(self.rows.make(numbers))

    def _scaled(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        import numpy as np

        with np.errstate(over="ignore"):
            scaled = values if self.scale is None else values * np.float32(self.scale)
            return scaled.astype(np.float32, copy=False)


class MappedRows(Rows):
    """Rows that a function makes of others, a piece at a time; it keeps the shape of a row and gives float32."""

    def __init__(self, rows: Rows, function: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]]) -> None:
        import numpy as np

        self.rows, self.function = rows, function
        self.shape, self.dtype = rows.shape, np.dtype(np.float32)

    def make(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        import numpy as np

        return np.asarray(self.function(self.rows.make(numbers)), dtype=np.float32)

    def check(self) -> None:
        self.rows.check()


class StepRows(Rows):
    """Rows without some of their steps (axis 1)."""

    def __init__(self, rows: Rows, steps: slice) -> None:
        self.rows, self.steps, self.dtype = rows, steps, rows.dtype
        self.shape = (len(rows), len(range(*steps.indices(rows.shape[1]))), *rows.shape[2:])

    def make(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return self.rows.make(numbers)[:, self.steps]

    def check(self) -> None:
        self.rows.check()


class CutRows(Rows):
    """A part of each picture: of its height (axis 1) and of its width (axis 2)."""

    def __init__(self, rows: Rows, height: slice, width: slice) -> None:
        self.rows, self.height, self.width, self.dtype = rows, height, width, rows.dtype
        sizes = [len(range(*part.indices(rows.shape[axis]))) for axis, part in enumerate((height, width), start=1)]
        self.shape = (len(rows), *sizes, *rows.shape[3:])

    def make(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return self.rows.make(numbers)[:, self.height, self.width]

    def check(self) -> None:
        self.rows.check()


class JoinedRows(Rows):
    """The rows of one, then those of another."""

    def __init__(self, first: Rows, second: Rows) -> None:
        import numpy as np

        self.first, self.second = first, second
        self.shape = (len(first) + len(second), *first.shape[1:])
        self.dtype = np.result_type(first.dtype, second.dtype)

    def make(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        import numpy as np

        rows = np.empty((len(numbers), *self.shape[1:]), self.dtype)
        behind = numbers >= len(self.first)
        rows[~behind] = self.first.make(numbers[~behind])
        rows[behind] = self.second.make(numbers[behind] - len(self.first))
        return rows


def as_rows(array: np.ndarray[Any, Any] | Rows) -> Rows:
    """An array as rows."""
    return array if isinstance(array, Rows) else ArrayRows(array)


def in_memory(array: Any) -> np.ndarray[Any, Any]:
    """An array, or all rows of `Rows`, as an array."""
    import numpy as np

    return array.read() if isinstance(array, Rows) else np.asarray(array)
