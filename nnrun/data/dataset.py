"""What a source hands over: raw columns, raw arrays and raw targets of every row, nothing fitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.data.bad import BadRow
from nnrun.data.rows import in_memory
from nnrun.errors import DataError, Where, did_you_mean, listing

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from nnrun.data.windows import Windows


@dataclass(frozen=True)
class Dataset:
    """Rows as they were read.

    A table has `columns` (the target's columns among them); a source of arrays has `arrays` (inputs) and
    `targets` by name, each with the rows on axis 0. `parts` holds row numbers of parts that the source itself
    brings, such as `test`. `classes` names the classes of a target that is stored as class numbers, or gives
    the order of the classes of a target that is stored as text. `scale` says by what an input is multiplied
    before the model sees it (pictures: 1/255). `target` is the name of the target where the source has one.
    `lines` are the lines of the file, counted from 1, that the rows of a table were read from. Arrays of a source that
    streams are `Rows`, of which any can be asked for. `folders` says for every row of a table from which folder the
    files that its cells name are looked up. `selection` is the part of the file that was read, such as a pointer or a
    sheet; `bad` are the rows that were left out because they cannot be used, `notes` what else a reader should know.
    With `windows` a row is several consecutive rows of the table.
    """

    size: int
    columns: pd.DataFrame | None = None
    arrays: Mapping[str, Any] = field(default_factory=dict)
    targets: Mapping[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scale: Mapping[str, float] = field(default_factory=dict)
    parts: Mapping[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    archives: Mapping[Path, Path] = field(default_factory=dict)  # the folder of what was unpacked: its archive
    description: str = ""
    target: str | None = None
    lines: np.ndarray[Any, Any] | None = None
    selection: str = ""
    bad: tuple[BadRow, ...] = ()
    notes: tuple[str, ...] = ()
    folders: np.ndarray[Any, Any] | None = None
    windows: Windows | None = None
    named: Mapping[str, Path | DataError] = field(default_factory=dict)  # files that preparations name, or why not
    opened: dict[Any, Any] = field(
        default_factory=dict, compare=False
    )  # files that columns name, read once for all folds

    def records(self, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The rows of the table that some rows of the data are made of."""
        return rows if self.windows is None else self.windows.records(rows)

    @property
    def row_lines(self) -> np.ndarray[Any, Any] | None:
        """`lines` of the rows themselves: of windows that of their last row of the table."""
        return self.lines if self.windows is None else self._lines_at(self.windows.lasts)

    @property
    def target_lines(self) -> np.ndarray[Any, Any] | None:
        """`lines` of what is answered: of windows that of the first row that they answer."""
        return self.lines if self.windows is None else self._lines_at(self.windows.answers)

    def _lines_at(self, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        import numpy as np

        return np.char.add("row ", rows.astype(str)) if self.lines is None else self.lines[rows]

    def single(self, name: str, called: str, expected: str, where: Where | None) -> Any:
        """What has one value a row: a column, or an array of rank 1, in memory.

        Raises DataError, in which it is `called` so; `expected` is told where nothing has one value a row.
        """
        table = {} if self.columns is None else {str(column): self.columns[column] for column in self.columns.columns}
        known = table | {key: array for key, array in self.arrays.items() if array.shape[1:] == ()}
        if name in known:
            if name in self.arrays:
                return in_memory(known[name])
            return known[name] if self.windows is None else known[name].iloc[self.windows.lasts]
        raise DataError(
            f"the {called} {name!r} does not exist",
            where=where,
            expected=f"one of {listing(list(known), 30)}" if known else expected,
            hint=did_you_mean(name, known),
        )


@dataclass(frozen=True)
class Peek:
    """What a source's headers tell without reading the data; None wherever they do not tell it.

    `arrays` maps an input's name to the shape of one row; `columns` are a table's column names in order.
    `target` is the name of the target where the source itself has one, `num_classes` its number of classes; `targets`
    maps the name of a target that is an array to the shape of one row.
    """

    arrays: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)
    columns: tuple[str, ...] | None = None
    target: str | None = None
    targets: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)
    num_classes: int | None = None
    rows: int | None = None
    parts: tuple[str, ...] = ()
    is_table: bool = False  # also where the headers do not tell the names of its columns
    missing: tuple[str, ...] = ()  # files that are not there, as the config names them


def row_name(row: int, lines: np.ndarray[Any, Any] | None) -> str:
    """How messages name a row: by its line in the file where that is known, else counted from 0.

    Rows of a file without lines, from which some were left out, have names of their own in place of lines.
    """
    if lines is None:
        return f"row {row}"
    return str(lines[row]) if lines.dtype.kind == "U" else f"line {int(lines[row])}"


def row_names(rows: np.ndarray[Any, Any], lines: np.ndarray[Any, Any] | None, most: int = 5) -> str:
    """The first rows of a list of row numbers, and how many more there are."""
    shown = ", ".join(row_name(int(row), lines) for row in rows[:most])
    return shown + (f" and {len(rows) - most:,} more" if len(rows) > most else "")
