"""Rows of text as pandas reads them, once each is known to be whole."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.data.delimited import Format, Scan
from nnrun.data.readable import readable
from nnrun.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


def table(path: Path, form: Format, columns: list[str], found: Scan, **reading: Any) -> pd.DataFrame:
    """The good rows as pandas reads them; `reading` goes to `read_csv`."""
    lines = (text for number, text in form.lines(path) if number not in found.hidden)
    return parsed(path, form, columns, lines, len(found.lines), reading)


def parsed(
    path: Path, form: Format, columns: list[str], lines: Iterator[str], rows: int, reading: Mapping[str, Any]
) -> pd.DataFrame:
    """So many rows of text as pandas reads them, each on its own line."""
    import pandas as pd

    settings: dict[str, Any] = {
        "sep": form.delimiter,
        "names": columns,
        "header": None,
        "index_col": False,
        "skipinitialspace": form.spaced,
        "keep_default_na": False,
        "nrows": rows,
        "low_memory": False,  # one type for a column, not one for each chunk
        **form.quoting,
        **reading,
    }
    with readable(path):
        try:
            result: pd.DataFrame = pd.read_csv(_Text(lines), **settings)
        except (pd.errors.ParserError, OverflowError, ValueError) as error:
            told = str(error).strip().partition("\n")[0]
            raise DataError(f"{path}: the table cannot be read: {told}", expected="rows of equal length") from None
    if len(result) != rows:
        told = f"{path}: {rows} rows were counted but {len(result)} read"
        raise DataError(told, expected="one row on each line", hint="check the quotes, or write `quoting: false`")
    return result


class _Text(io.TextIOBase):
    """Lines as a stream, for what reads from one."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> str:
        pieces, total = [], 0
        for text in self._lines:
            pieces.append(text)
            total += len(text)
            if size is not None and 0 <= size <= total:
                break
        return "".join(pieces)
