"""Tables in text files, packed with gzip or not."""

from __future__ import annotations

import csv as csv_format
import io
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from nnrun.data.dataset import Dataset, Peek
from nnrun.data.headers import open_binary
from nnrun.errors import DataError, SettingError, Where

if TYPE_CHECKING:
    import pandas as pd


def csv(
    path: Path,
    *,
    delimiter: str = ",",
    names: list[str] | None = None,
    header: bool | None = None,
    strip: bool = False,
    na_values: list[str] | None = None,
    limit: int | None = None,
) -> Dataset:
    """A table: columns of numbers become numbers, all others text; an empty cell is a blank.

    Args:
        path: The file, UTF-8, packed with gzip or not.
        delimiter: What stands between two cells, one character.
        names: The names of the columns, for a file without a header line.
        header: Whether the first line holds names; by default it does unless `names` are given. With both,
            the line is passed over and `names` are used.
        strip: Take blanks away from both ends of every cell.
        na_values: Texts that mean a blank, such as "?" or "NA"; by default only the empty cell does.
        limit: Read only the first rows.
    """
    import numpy as np

    try:
        columns, has_header = _columns(path, delimiter, names, header)
        lines = np.fromiter(_row_lines(path, delimiter, len(columns), has_header, limit), dtype=np.int64)
        if not len(lines):
            raise _error(path, 0, "the file holds no rows", "at least one row of data below the names")
        blanks = [str(value) for value in na_values or []]
        table = _table(path, delimiter, columns, has_header, strip, blanks, len(lines))
    except UnicodeDecodeError:
        raise _undecodable(path) from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}", hint="copy or download it again") from None
    except csv_format.Error as error:
        raise DataError(f"{path} is not a table: {error}", hint="check `delimiter` and the quotes") from None
    return Dataset(size=len(table), columns=table, files=(path,), lines=lines, description=f"table {path.name}")


def peek(
    path: Path | None,
    *,
    delimiter: str = ",",
    names: list[str] | None = None,
    header: bool | None = None,
    strip: bool = False,  # noqa: ARG001  peek takes the settings of the source
    na_values: list[str] | None = None,  # noqa: ARG001
    limit: int | None = None,  # noqa: ARG001
) -> Peek:
    """The names of the columns, from the first line."""
    if path is None:
        return Peek(columns=tuple(names) if names else None)
    try:
        return Peek(columns=tuple(_columns(path, delimiter, names, header)[0]))
    except UnicodeDecodeError:
        raise _undecodable(path) from None
    except (OSError, EOFError, zlib.error, csv_format.Error) as error:
        raise DataError(f"{path} cannot be read: {error}", hint="copy or download it again") from None


def _open(path: Path) -> TextIO:
    return io.TextIOWrapper(open_binary(path), encoding="utf-8-sig", newline="")


def _columns(path: Path, delimiter: str, names: list[str] | None, header: bool | None) -> tuple[list[str], bool]:
    """The columns' names, and whether the first line of the file is the header."""
    if len(delimiter) != 1:
        raise SettingError(f"the delimiter {delimiter!r} is not one character", expected="such as ',' ';' or a tab")
    with _open(path) as stream:
        rows = csv_format.reader(stream, delimiter=delimiter)
        first = next((row for row in rows if any(cell.strip() for cell in row)), None)
        line = rows.line_num
    if first is None:
        raise _error(path, 0, "the file is empty", "a line of names and rows of data")
    cells = [cell.strip() for cell in first]
    has_header = header if header is not None else names is None
    columns = [str(name) for name in names] if names else cells
    if not has_header and names is None:
        columns = [f"column_{number}" for number in range(1, len(cells) + 1)]
    if has_header and header is None and all(_is_number(cell) for cell in cells):
        raise _error(
            path,
            line,
            "the first line holds numbers where the names of the columns should be",
            "a line of names",
            "give `names: [...]`, or `header: true` where the numbers are the names",
        )
    if header is None and names is not None and cells == columns:
        raise _error(
            path,
            line,
            "the first line repeats `names`",
            "a row of data",
            "take `names` away: the file has them",
        )
    if len(columns) != len(cells):
        raise _error(path, line, f"{len(columns)} names but {len(cells)} cells", "a name for every column")
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if "" in columns:
        place = columns.index("") + 1
        hint = "name it in the file, or give `names: [...]` with `header: true`"
        raise _error(path, line, f"column {place} of {len(columns)} has no name", "a name for every column", hint)
    if twice:
        raise _error(path, line, f"two columns are called {', '.join(twice)}", "a different name for each column")
    return columns, has_header


def _row_lines(path: Path, delimiter: str, width: int, has_header: bool, limit: int | None) -> Iterator[int]:
    """The line on which every row of data starts, once each row has been held to have `width` cells."""
    skip = 1 if has_header else 0
    with _open(path) as stream:
        for line, count in islice(_counts(stream, delimiter), skip, None if limit is None else limit + skip):
            if count != width:
                raise _error(
                    path,
                    line,
                    f"the row has {count} cells, the table {width} columns",
                    f"{width} cells",
                    "a cell that holds the delimiter needs quotes; check `delimiter` too",
                )
            yield line


def _counts(stream: Iterable[str], delimiter: str) -> Iterator[tuple[int, int]]:
    """Line and number of cells of every row that is not empty, like the csv module, which is slow.

    Up to the first quote a row is a line and its delimiters can be counted; from there on csv has to read.
    """
    lines = _without_zero_bytes(stream)
    for line, text in enumerate(lines, start=1):
        if '"' in text:
            reader = csv_format.reader(chain([text], lines), delimiter=delimiter, strict=True)
            start = line
            for row in reader:
                if len(row) > 1 or "".join(row).strip():
                    yield start, len(row)
                start = line + reader.line_num
            return
        if text.strip(" \t\r\n" if delimiter != "\t" else " \r\n"):
            yield line, text.count(delimiter) + 1


def _without_zero_bytes(stream: Iterable[str]) -> Iterator[str]:
    """The same lines; a zero byte, at which pandas would end the cell in silence, is an error."""
    for line, text in enumerate(stream, start=1):
        if "\0" in text:
            raise csv_format.Error(f"line {line} holds a zero byte")
        yield text


def _table(
    path: Path,
    delimiter: str,
    columns: list[str],
    has_header: bool,
    strip: bool,
    blanks: list[str],
    rows: int,
) -> pd.DataFrame:
    import pandas as pd

    reading: dict[str, Any] = {
        "sep": delimiter,
        "names": columns,
        "header": 0 if has_header else None,
        "index_col": False,
        "skipinitialspace": strip,
        "na_values": ["", *blanks],
        "keep_default_na": False,
        "nrows": rows,
        "low_memory": False,  # one type for a column, not one for each chunk
    }
    with _open(path) as stream:
        try:
            table: pd.DataFrame = pd.read_csv(stream, **reading)
        except pd.errors.ParserError as error:
            raise _error(path, 0, f"the table cannot be read: {error}", "rows of equal length") from None
    if strip:
        for name in columns:
            if not pd.api.types.is_numeric_dtype(table[name]):
                table[name] = _stripped(table[name], blanks)
    if len(table) != rows:
        raise _error(path, 0, f"{rows} rows were counted but {len(table)} read", "one row on each line")
    return table


def _stripped(column: pd.Series[Any], blanks: list[str]) -> pd.Series[Any]:
    """Text without blanks at its ends; numbers that only the blanks had hidden become numbers."""
    import pandas as pd

    text = column.astype(object).map(lambda cell: cell.strip() if isinstance(cell, str) else cell)
    text = text.mask(text.isin(["", *blanks]), other=float("nan"))
    numbers = pd.to_numeric(text, errors="coerce")
    return numbers if bool((numbers.notna() == text.notna()).all()) else text


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _undecodable(path: Path) -> DataError:
    with open_binary(path) as stream:
        for line, raw in enumerate(stream, start=1):
            try:
                raw.decode("utf-8")
            except UnicodeDecodeError as error:
                byte = f"0x{raw[error.start]:02x}"
                return _error(path, line, f"byte {byte} is not UTF-8", "text in UTF-8", "save the file again as UTF-8")
    return _error(path, 0, "the file is not UTF-8", "text in UTF-8", "save the file again as UTF-8")


def _error(path: Path, line: int, what: str, expected: str, hint: str = "") -> DataError:
    return DataError(
        what if line else f"{path}: {what}",
        where=Where(str(path), line, 1) if line else None,
        expected=expected,
        hint=hint,
    )
