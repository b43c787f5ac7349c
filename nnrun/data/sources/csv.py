"""Tables in text files, packed with gzip or not."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, cast

from nnrun.data import delimited, parsing, tables
from nnrun.data.bad import OnBad
from nnrun.data.csv_pieces import Pieces
from nnrun.data.dataset import Dataset, Peek
from nnrun.data.delimited import Format
from nnrun.data.large_tables import PIECE, is_large, read, text_bytes
from nnrun.data.streaming import Stream
from nnrun.data.tables import Cells
from nnrun.errors import DataError, SettingError, Where


def csv(
    path: Path,
    *,
    delimiter: str | None = None,
    names: list[str] | None = None,
    header: bool | list[str] | None = None,
    strip: bool = False,
    na_values: list[str] | None = None,
    values: dict[str, Any] | None = None,
    where: dict[str, Any] | None = None,
    quoting: bool = True,
    comment: str | None = None,
    skip_rows: int = 0,
    encoding: str = "utf-8",
    limit: int | None = None,
    on_bad: OnBad = "fail",
    stream: Stream = None,
) -> Dataset:
    """A table: columns of numbers become numbers, all others text; an empty cell is a blank.

    Args:
        path: The file, packed with gzip or not.
        delimiter: What stands between two cells, one character; by default a comma, and a tab where the file's name
            ends in .tsv or .tsv.gz.
        names: The names of the columns, for a file without a header line.
        header: Whether the first line holds names; by default it does unless `names` are given. With both,
            the line is passed over and `names` are used. A list is the names of a file without a header line. Columns
            without names are called by their place: 0, 1, 2.
        strip: Take blanks away from both ends of every cell.
        na_values: Texts that mean a blank, such as "?" or "NA"; by default only the empty cell does.
        values: Other values for some cells of a column: {income: {">50K.": ">50K"}}.
        where: The rows to keep: {set: train}, or a list of values.
        quoting: Whether quotes hold a cell together; false where they are signs like any other.
        comment: How lines begin that are passed over, such as "#".
        skip_rows: How many lines at the beginning of the file are passed over.
        encoding: How the text is written in bytes, such as latin-1.
        limit: Read only the first rows.
        on_bad: What becomes of rows that cannot be read.
        stream: Whether the table is kept on the disk; None decides by the memory that is available.
    """
    import numpy as np

    cells = Cells(strip, na_values, values, where, limit)
    if on_bad == "fail" and where is None and limit is None and is_large(text_bytes(path), stream):
        how: dict[str, Any] = {"delimiter": delimiter, "names": names, "header": header, "strip": strip}
        how |= {"na_values": na_values, "values": values, "quoting": quoting, "comment": comment}
        how |= {"skip_rows": skip_rows, "encoding": encoding, "rows": PIECE}
        return read(path, lambda text: (cast(Any, piece.columns) for piece in pieces(path, text=text, **how)))
    form = _format(path, delimiter, strip, quoting, comment, skip_rows, encoding)
    columns, has_header = _columns(path, form, names, header)
    cells.check(columns)
    first = None if where else limit
    found = delimited.scan(path, form, len(columns), has_header=has_header, limit=first, on_bad=on_bad)
    if not found.lines and not found.bad:
        raise _error(path, 0, "the file holds no rows", "at least one row of data below the names")
    table = parsing.table(path, form, columns, found, na_values=cells.blanks)
    lines = np.array(found.lines, dtype=np.int64)
    return tables.dataset(cells.apply(table, numbers=True), cells, path, lines=lines, bad=found.bad)


def peek(
    path: Path | None,
    *,
    delimiter: str | None = None,
    names: list[str] | None = None,
    header: bool | list[str] | None = None,
    strip: bool = False,
    na_values: list[str] | None = None,
    values: dict[str, Any] | None = None,
    where: dict[str, Any] | None = None,
    quoting: bool = True,
    comment: str | None = None,
    skip_rows: int = 0,
    encoding: str = "utf-8",
    limit: int | None = None,
) -> Peek:
    """The names of the columns, from the first line."""
    cells = Cells(strip, na_values, values, where, limit)
    if path is None:
        given = header if isinstance(header, list) else names
        return Peek(columns=tuple(str(name) for name in given) if given else None, is_table=True)
    form = _format(path, delimiter, strip, quoting, comment, skip_rows, encoding)
    columns = _columns(path, form, names, header)[0]
    cells.check(columns)
    return Peek(columns=tuple(columns), is_table=True)


def pieces(
    data: Path | IO[bytes],
    *,
    rows: int,
    text: Sequence[str] = (),
    delimiter: str | None = None,
    names: list[str] | None = None,
    header: bool | list[str] | None = None,
    strip: bool = False,
    na_values: list[str] | None = None,
    values: dict[str, Any] | None = None,
    quoting: bool = True,
    comment: str | None = None,
    skip_rows: int = 0,
    encoding: str = "utf-8",
) -> Iterator[Dataset]:
    """The table of a file or a stream, so many `rows` at a time; what stands in the columns `text` stays text."""
    import numpy as np
    import pandas as pd

    cells = Cells(strip, na_values, values)
    path = data if isinstance(data, Path) else Path("stdin")
    form = _format(path, delimiter, strip, quoting, comment, skip_rows, encoding)
    if isinstance(header, list):
        names, header = header, None
    with form.text(data) if isinstance(data, Path) else form.decoded(data) as stream:
        found = Pieces(path, form, stream)
        columns, has_header = _named(path, found.first, names, header)
        texts = [name for name in columns if name in text]
        others = [name for name in columns if name not in text]
        kinds: dict[str, Any] = dict.fromkeys(texts, str)
        for lines, table in found.tables(columns, rows, has_header=has_header, na_values=cells.blanks, dtype=kinds):
            parted = [cells.apply(table[texts]), cells.apply(table[others], numbers=True)]
            whole = pd.concat(parted, axis=1)[columns]
            yield Dataset(len(whole), columns=whole, files=(path,), lines=np.array(lines, dtype=np.int64))


def _format(
    path: Path,
    delimiter: str | None,
    strip: bool,
    quoting: bool,
    comment: str | None,
    skip_rows: int,
    encoding: str,
) -> Format:
    if delimiter is None:
        delimiter = "\t" if path.name.lower().removesuffix(".gz").endswith(".tsv") else ","
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise SettingError(f"the delimiter {delimiter!r} is not one character", expected="such as ',' ';' or a tab")
    if skip_rows < 0:
        raise SettingError(f"skip_rows is {skip_rows}", expected="a number of lines, from 0")
    try:
        if not codecs.lookup(encoding)._is_text_encoding:  # base64 and its like are no texts
            raise LookupError
    except LookupError:
        expected = "such as utf-8, latin-1, cp1252 or utf-16"
        raise SettingError(f"there is no encoding {encoding!r}", expected=expected) from None
    return Format(
        delimiter=delimiter,
        quote='"' if quoting else "",
        encoding=encoding,
        comment=comment or "",
        spaced=strip,
        first=skip_rows,
    )


def _columns(
    path: Path, form: Format, names: list[str] | None, header: bool | list[str] | None
) -> tuple[list[str], bool]:
    """The columns' names, and whether the first row of the file is the header."""
    if isinstance(header, list):
        if names is not None:
            raise SettingError("`names` and `header` both name the columns", expected="one of them")
        names, header = header, None
    return _named(path, delimited.header(path, form), names, header)


def _named(
    path: Path, first: tuple[int, list[str]], names: list[str] | None, header: bool | None
) -> tuple[list[str], bool]:
    """As `_columns`, of the first row and the line on which it begins."""
    line, cells = first
    has_header = header if header is not None else names is None
    columns = [str(name) for name in names] if names else cells
    if not has_header and names is None:
        columns = [str(place) for place in range(len(cells))]
    if has_header and header is None and all(_is_number(cell) for cell in cells):
        raise _error(
            path,
            line,
            "the first line holds numbers where the names of the columns should be",
            "a line of names",
            "give `names: [...]`, `header: false` for columns 0, 1, 2, or `header: true` where these are the names",
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


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _error(path: Path, line: int, what: str, expected: str, hint: str = "") -> DataError:
    return DataError(
        what if line else f"{path}: {what}",
        where=Where(str(path), line, 1) if line else None,
        expected=expected,
        hint=hint,
    )
