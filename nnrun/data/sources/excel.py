"""Sheets of Excel workbooks."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from nnrun.data import tables
from nnrun.data.bad import BadRow, OnBad, left_out
from nnrun.data.dataset import Dataset, Peek
from nnrun.data.records import as_table
from nnrun.data.tables import Cells
from nnrun.errors import DataError, MissingError, SettingError, did_you_mean, listing


def excel(
    path: Path,
    *,
    sheet: str | int | None = None,
    names: list[str] | None = None,
    strip: bool = False,
    na_values: list[str] | None = None,
    values: dict[str, Any] | None = None,
    where: dict[str, Any] | None = None,
    limit: int | None = None,
    on_bad: OnBad = "fail",
) -> Dataset:
    """A sheet as it was last saved, with the values of its formulas; the first row that is not empty holds the names.

    Args:
        path: The .xlsx or .xlsm file.
        sheet: The sheet's name, or its place from 0; by default the first.
        names: The names of the columns, for a sheet without a row of names.
        strip: Take blanks away from both ends of every text.
        na_values: Texts that mean a blank, such as "?" or "NA".
        values: Other values for some cells of a column: {income: {">50K.": ">50K"}}.
        where: The rows to keep: {set: train}, or a list of values.
        limit: Read only the first rows.
        on_bad: What becomes of rows with an error in a cell, such as #DIV/0!.
    """
    import numpy as np

    cells = Cells(strip, na_values, values, where, limit)
    lines: list[int] = []
    rows: list[list[Any]] = []

    def bad_rows(found: Iterator[tuple[int, list[Any]]], columns: list[str]) -> Iterator[BadRow]:
        for number, row in islice(found, None if where else limit):
            error = next((place for place, cell in enumerate(row) if isinstance(cell, _CellError)), None)
            if error is None:
                lines.append(number)
                rows.append(row)
                continue
            name = columns[error]
            what, hint = f"the column {name!r} holds the error {row[error]}", "mend its formula, and save the workbook"
            yield BadRow(str(path), number, name, what, str(row[error]), "a value", hint)

    with _sheet(path, sheet) as found:
        columns = _columns(path, found, names)
        cells.check(columns)
        bad = left_out(bad_rows(_padded(found, len(columns)), columns), on_bad)
    table = as_table({name: [row[place] for row in rows] for place, name in enumerate(columns)}, len(rows))
    selection = "" if sheet is None else str(sheet)
    numbers = np.array(lines, dtype=np.int64)
    return tables.dataset(cells.apply(table), cells, path, lines=numbers, bad=bad, selection=selection)


def peek(
    path: Path | None,
    *,
    sheet: str | int | None = None,
    names: list[str] | None = None,
    strip: bool = False,
    na_values: list[str] | None = None,
    values: dict[str, Any] | None = None,
    where: dict[str, Any] | None = None,
    limit: int | None = None,
) -> Peek:
    """The names of the columns, from the first row."""
    if path is None:
        return Peek(columns=tuple(str(name) for name in names) if names else None, is_table=True)
    with _sheet(path, sheet) as found:
        columns = _columns(path, found, names)
    Cells(strip, na_values, values, where, limit).check(columns)
    return Peek(columns=tuple(columns), is_table=True)


class _CellError(str):
    """The error that a formula left in its cell."""


Rows = Iterator[tuple[int, list[Any]]]


@contextmanager
def _sheet(path: Path, sheet: str | int | None) -> Iterator[Rows]:
    """Every row of a sheet that is not empty, with its number from 1."""
    try:
        import openpyxl
    except ImportError:
        hint = "install it with `pip install 'nnrun[excel]'`, or save the sheet as CSV"
        raise MissingError("the source excel needs the package openpyxl", hint=hint) from None
    try:
        workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, openpyxl.utils.exceptions.InvalidFileException) as error:
        told, expected = f"{path} cannot be read as a workbook: {error}", "a file that Excel saved as .xlsx"
        raise DataError(told, expected=expected, hint="save older workbooks again as .xlsx") from None
    try:
        yield _rows(path, workbook[_named(workbook.sheetnames, sheet)])
    finally:
        workbook.close()


def _named(sheets: list[str], sheet: str | int | None) -> str:
    if sheet is None:
        return sheets[0]
    if isinstance(sheet, int):
        if 0 <= sheet < len(sheets):
            return sheets[sheet]
        raise SettingError(
            f"there is no sheet {sheet}", expected=f"0 to {len(sheets) - 1}, or a name: {listing(sheets)}"
        )
    if sheet not in sheets:
        hint = did_you_mean(sheet, sheets)
        raise SettingError(f"there is no sheet {sheet!r}", expected=f"one of {listing(sheets)}", hint=hint)
    return sheet


def _rows(path: Path, sheet: Any) -> Rows:
    if not hasattr(sheet, "iter_rows"):
        raise SettingError(f"the sheet {sheet.title!r} is a chart", expected="a sheet with cells")
    try:
        for number, row in enumerate(sheet.iter_rows(), start=1):
            cells = [_value(cell) for cell in row]
            while cells and cells[-1] is None:
                cells.pop()
            if cells:
                yield number, cells
    except (KeyError, ValueError, SyntaxError, OSError, zipfile.BadZipFile, zlib.error) as error:  # of XML: SyntaxError
        told = f"{path}: the sheet {sheet.title!r} cannot be read: {error}"
        raise DataError(told, expected="a sheet that Excel saved", hint="copy or download the file again") from None


def _value(cell: Any) -> Any:
    """A number, a text, true or false, None; dates and times as text, as ISO 8601 writes them."""
    value = cell.value
    if cell.data_type == "e":
        return _CellError(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return None if value == "" else value


def _columns(path: Path, rows: Rows, names: list[str] | None) -> list[str]:
    """The names of the columns; the row that holds them is taken from `rows`."""
    if names is not None:
        return [str(name) for name in names]
    number, first = next(rows, (0, []))
    columns = ["" if cell is None else str(cell).strip() for cell in first]
    twice = sorted({name for name in columns if columns.count(name) > 1 and name})
    if not columns:
        raise DataError(f"{path}: the sheet is empty", expected="a row of names and rows of data")
    if "" in columns:
        what = f"{path}: row {number} has no name for column {columns.index('') + 1}"
        raise DataError(what, expected="a name for every column", hint="name it in the sheet, or give `names: [...]`")
    if twice:
        raise DataError(
            f"{path}: two columns are called {', '.join(twice)}", expected="a different name for each column"
        )
    return columns


def _padded(rows: Rows, width: int) -> Rows:
    """Rows as wide as the table: trailing cells that are empty are not in the file."""
    for number, row in rows:
        yield number, (row + [None] * width)[: max(width, len(row))]
