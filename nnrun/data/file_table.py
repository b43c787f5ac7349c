"""A table that lies in files, column by column, so that it may be larger than memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from nnrun.data.categories import text_of
from nnrun.data.dataset import Dataset
from nnrun.errors import DataError
from nnrun.storage.columns import ColumnFiles

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

CHUNK_ROWS = 2**18
MOST_TEXTS = 2_000_000  # different ones in a column: they are held in memory


@dataclass(frozen=True)
class _Column:
    kind: str  # "f8", "i8", or "i4" for the numbers of texts
    texts: Sequence[str] = ()


class FileTable:
    """What nnrun asks of a table: its columns' names, and each column as a `Series`, read anew at every time.

    `Dataset.columns` is either a `DataFrame` or this.
    """

    def __init__(self, files: ColumnFiles, columns: dict[str, _Column], size: int) -> None:
        self._files, self._columns, self._size = files, columns, size
        self._places = {name: place for place, name in enumerate(columns)}
        self._changed: dict[str, Any] = {}
        self._rows: np.ndarray[Any, Any] | None = None

    @property
    def columns(self) -> list[str]:
        """The names, in order."""
        return list(self._columns)

    def __len__(self) -> int:
        return self._size if self._rows is None else len(self._rows)

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __getitem__(self, name: str) -> pd.Series[Any]:
        import pandas as pd

        if name in self._changed:
            return cast("pd.Series[Any]", self._changed[name])
        values = self._read(name, 0, self._size) if self._rows is None else self._chosen(name, self._rows)
        texts = self._columns[name].texts
        if self._columns[name].kind == "i4":  # a number a row, and each text once
            values = pd.Categorical.from_codes(values, categories=pd.Index(list(texts), dtype=object))
        return pd.Series(values, name=name)

    def piece(self, first: int, last: int) -> pd.DataFrame:
        """Rows `first` to `last` (not itself) as a table in memory; of rows that were chosen, in their order."""
        import numpy as np
        import pandas as pd

        found: dict[str, Any] = {}
        for name in self._columns:
            if name in self._changed:
                found[name] = self._changed[name].iloc[first:last].to_numpy()
                continue
            rows = None if self._rows is None else self._rows[first:last]  # in order: they lie close together
            low, high = (first, last) if rows is None else (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 0)
            values = self._read(name, low, high)
            values = values if rows is None else values[rows - low]
            column = self._columns[name]
            # -1 is the last of the texts: a blank
            found[name] = np.array([*column.texts, None], dtype=object)[values] if column.kind == "i4" else values
        return pd.DataFrame(found)

    def chosen(self, rows: np.ndarray[Any, Any]) -> FileTable:
        """Some rows, by their numbers, in order."""
        table = FileTable(self._files, self._columns, self._size)
        table._rows = rows if self._rows is None else self._rows[rows]
        table._changed = {name: values.iloc[rows].reset_index(drop=True) for name, values in self._changed.items()}
        return table

    def assign(self, **columns: Any) -> FileTable:
        """The table with other values in some columns, which are held in memory."""
        table = FileTable(self._files, self._columns, self._size)
        table._rows, table._changed = self._rows, {**self._changed, **columns}
        return table

    def _chosen(self, name: str, rows: np.ndarray[Any, Any]) -> Any:
        """Some rows of a column, in the order of `rows`; no more than a piece of all is read at once."""
        import numpy as np

        order = None if len(rows) < 2 or bool((rows[1:] > rows[:-1]).all()) else np.argsort(rows, kind="stable")
        sorted_rows = rows if order is None else rows[order]
        found = np.empty(len(rows), self._columns[name].kind)
        for first in range(0, self._size, CHUNK_ROWS):
            last = min(first + CHUNK_ROWS, self._size)
            low, high = np.searchsorted(sorted_rows, (first, last))
            if low < high:
                piece = self._read(name, first, last)[sorted_rows[low:high] - first]
                found[slice(low, high) if order is None else order[low:high]] = piece
        return found

    def _read(self, name: str, first: int, last: int) -> Any:
        import numpy as np

        column = self._columns[name]
        kind = np.dtype(column.kind)
        return np.fromfile(self._files.path(self._places[name]), kind, last - first, offset=first * kind.itemsize)


def only(dataset: Dataset, rows: np.ndarray[Any, Any]) -> Dataset:
    """Some rows of a table in files, of which a column takes less memory than of all."""
    from dataclasses import replace

    table: Any = cast(FileTable, dataset.columns).chosen(rows)
    folders = None if dataset.folders is None else dataset.folders[rows]
    return replace(dataset, size=len(rows), columns=table, lines=None, folders=folders)


def is_filed(dataset: Dataset) -> bool:
    """Whether the table lies in files."""
    return isinstance(dataset.columns, FileTable)


def piecewise(dataset: Dataset) -> Iterator[tuple[int, Dataset]]:
    """The table of a dataset in pieces that are small against memory, each with the number of its first row."""
    from dataclasses import replace

    table = cast(FileTable, dataset.columns)
    for first in range(0, len(table), CHUNK_ROWS):
        last = min(first + CHUNK_ROWS, len(table))
        lines = None if dataset.lines is None else dataset.lines[first:last]
        folders = None if dataset.folders is None else dataset.folders[first:last]
        piece = table.piece(first, last)
        yield (
            first,
            replace(
                dataset,
                size=len(piece),
                columns=piece,
                lines=lines,
                folders=folders,
                arrays={},
                targets={},
                windows=None,
            ),
        )


def filed(pieces: Callable[[Sequence[str]], Iterator[pd.DataFrame]]) -> FileTable:
    """The pieces of a table put into files.

    Args:
        pieces: Gives the pieces from the beginning, with the columns that are told as text. A column that looks like
            numbers in one piece and like text in another is text: then the pieces are asked for again.
    """
    text: list[str] = []
    while True:
        table, mixed = _filed(pieces(text))
        if table is not None:
            return table
        text += mixed


def joined(first: Any, second: Any) -> FileTable:
    """The rows of two tables, of which one or both lie in files, behind each other in files of their own."""

    def pieces(text: Sequence[str]) -> Iterator[pd.DataFrame]:
        for table in (first, second):
            for begin in range(0, len(table), CHUNK_ROWS):
                end = min(begin + CHUNK_ROWS, len(table))
                piece = table.piece(begin, end) if isinstance(table, FileTable) else table.iloc[begin:end]
                piece = piece[list(first.columns)]
                yield piece.assign(**{name: piece[name].map(text_of, na_action="ignore") for name in text})

    return filed(pieces)


def _filed(pieces: Iterator[pd.DataFrame]) -> tuple[FileTable | None, list[str]]:
    import numpy as np
    import pandas as pd

    files, size = ColumnFiles(), 0
    kinds: dict[str, str] = {}
    texts: dict[str, dict[str, int]] = {}
    for piece in pieces:
        mixed = []
        for place, name in enumerate(str(name) for name in piece.columns):
            column = piece[name]
            number = pd.api.types.is_numeric_dtype(column) or bool(column.isna().all())
            empty = bool(column.isna().all())
            kind = kinds.get(name)
            if kind is None:
                kind = kinds[name] = ("i8" if column.dtype.kind in "ib" else "f8") if number else "i4"
            elif not empty and (kind == "i4") == number:
                mixed.append(name)
                continue
            if kind == "i4":
                values = _codes(name, column, texts.setdefault(name, {}))
            else:
                if kind == "i8" and column.dtype.kind not in "ib":
                    kind = kinds[name] = "f8"
                    if size:
                        files.replace(place, np.fromfile(files.path(place), "i8").astype("f8"))
                values = column.to_numpy(dtype=kind)
            files.append(place, values)
        if mixed:
            return None, mixed
        size += len(piece)
    columns = {name: _Column(kind, list(texts.get(name, ()))) for name, kind in kinds.items()}
    return FileTable(files, columns, size), []


def _codes(name: str, column: pd.Series[Any], known: dict[str, int]) -> np.ndarray[Any, Any]:
    """The numbers of texts, -1 for a blank; new texts are numbered on."""
    import numpy as np
    import pandas as pd

    codes, found = pd.factorize(column)
    numbers = np.array([*(known.setdefault(str(text), len(known)) for text in found), -1], dtype=np.int32)
    if len(known) > MOST_TEXTS:
        raise DataError(
            f"the column {name!r} has more than {MOST_TEXTS:,} different texts, and the table is larger than memory",
            expected="numbers, or texts of fewer kinds",
            hint="read it with more memory, or take the column out of the file",
        )
    return numbers[codes]
