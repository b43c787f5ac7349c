"""Tables in Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.data import tables
from nnrun.data.categories import text_of
from nnrun.data.dataset import Dataset, Peek
from nnrun.data.large_tables import is_large, read
from nnrun.data.streaming import Stream
from nnrun.data.tables import Cells
from nnrun.errors import DataError, MissingError, SettingError, did_you_mean, listing

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

PIECE = 65_536  # rows that are read at once


def parquet(
    path: Path,
    *,
    columns: list[str] | None = None,
    strip: bool = False,
    na_values: list[str] | None = None,
    values: dict[str, Any] | None = None,
    where: dict[str, Any] | None = None,
    limit: int | None = None,
    stream: Stream = None,
) -> Dataset:
    """A table, read piece by piece, so that rows which `where` leaves out are never in memory together.

    Dates are texts as ISO 8601 writes them, decimal numbers numbers of 64 bits.

    Args:
        path: The .parquet file.
        columns: Read only these columns.
        strip: Take blanks away from both ends of every text.
        na_values: Texts that mean a blank, such as "?" or "NA".
        values: Other values for some cells of a column: {income: {">50K.": ">50K"}}.
        where: The rows to keep: {set: train}, or a list of values.
        limit: Read only the first rows.
        stream: Whether the table is kept on the disk; None decides by the memory that is available.
    """
    import numpy as np
    import pandas as pd

    cells = Cells(strip, na_values, values, where, limit)
    file = _file(path)
    names = _columns(path, file, columns)
    if where is None and limit is None and is_large(_bytes(file), stream):
        cells.check(names)
        return read(path, lambda text: _told(_pieces(path, _file(path), names), cells, text))
    cells.check(names)
    found: list[pd.DataFrame] = []
    places: list[np.ndarray[Any, Any]] = []
    begun = left = 0
    for piece in _pieces(path, file, names):
        table = cells.apply(piece)
        keep = Cells(where=where).kept(table)
        rows = np.arange(len(table)) if keep is None else keep
        found.append(table.iloc[rows])
        places.append(rows + begun)
        begun, left = begun + len(table), left + len(rows)
        if limit is not None and left >= limit:
            break
    table = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=names)
    rows = np.concatenate([*places, np.empty(0, dtype=np.int64)])
    lines = np.char.add("row ", rows.astype(str)) if where else None
    if where and not left:
        return tables.dataset(table, Cells(where=where), path)  # which says that no row is left
    return tables.dataset(table, Cells(limit=limit), path, lines=lines)


def peek(
    path: Path | None,
    *,
    columns: list[str] | None = None,
    strip: bool = False,
    na_values: list[str] | None = None,
    values: dict[str, Any] | None = None,
    where: dict[str, Any] | None = None,
    limit: int | None = None,
) -> Peek:
    """Names and number of rows, from the end of the file."""
    if path is None:
        return Peek(columns=tuple(str(name) for name in columns) if columns else None, is_table=True)
    file = _file(path)
    names = _columns(path, file, columns)
    Cells(strip, na_values, values, where, limit).check(names)
    return Peek(columns=tuple(names), rows=None if where or limit else int(file.metadata.num_rows), is_table=True)


def _bytes(file: Any) -> int:
    """How many bytes the table has, unpacked."""
    groups = file.metadata
    return sum(int(groups.row_group(number).total_byte_size) for number in range(groups.num_row_groups))


def _told(pieces: Iterator[pd.DataFrame], cells: Cells, text: Sequence[str]) -> Iterator[pd.DataFrame]:
    """The pieces with their cells as the settings want them; some columns are told as text."""
    for piece in pieces:
        found = cells.apply(piece)
        yield found.assign(**{name: found[name].map(text_of, na_action="ignore") for name in text}) if text else found


def _file(path: Path) -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        hint = "install it with `pip install 'nnrun[parquet]'`"
        raise MissingError("the source parquet needs the package pyarrow", hint=hint) from None
    try:
        return pyarrow.parquet.ParquetFile(path, page_checksum_verification=True)
    except (OSError, pyarrow.ArrowException) as error:
        raise DataError(f"{path} cannot be read: {error}", expected="a Parquet file", hint="copy it again") from None


def _columns(path: Path, file: Any, columns: list[str] | None) -> list[str]:
    """The columns to read, once all of them are known to be plain."""
    import pyarrow.types as kinds

    known = [str(name) for name in file.schema_arrow.names]
    names = [str(name) for name in columns] if columns else known
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known)
            raise SettingError(f"there is no column {name!r}", expected=f"one of {listing(known, 30)}", hint=hint)
    nested = [name for name in names if kinds.is_nested(file.schema_arrow.field(name).type)]
    if nested:
        plain = [name for name in names if name not in nested]
        hint = f"read the others: `columns: [{', '.join(plain[:8])}]`" if plain else ""
        what = f"{path}: the column {nested[0]!r} holds {file.schema_arrow.field(nested[0]).type}"
        raise DataError(what, expected="a number or a text in each row", hint=hint)
    return names


def _pieces(path: Path, file: Any, names: list[str]) -> Iterator[pd.DataFrame]:
    import pyarrow

    try:
        for batch in file.iter_batches(PIECE, columns=names):
            plain = [_plain(column) for column in batch.columns]
            yield pyarrow.table(plain, names=batch.schema.names).to_pandas()
    except (OSError, pyarrow.ArrowException) as error:
        raise DataError(f"{path} cannot be read: {error}", hint="copy or download it again") from None


def _plain(column: Any) -> Any:
    """A column as numbers, texts or true and false."""
    import pyarrow
    import pyarrow.types as kinds

    if kinds.is_dictionary(column.type):
        column = column.dictionary_decode()
    if kinds.is_temporal(column.type):
        return column.cast(pyarrow.string())
    return column.cast(pyarrow.float64()) if kinds.is_decimal(column.type) else column
