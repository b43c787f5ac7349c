"""Tables with a JSON value on each line, packed with gzip or not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from nnrun.data import tables
from nnrun.data.bad import OnBad
from nnrun.data.dataset import Dataset, Peek
from nnrun.data.headers import open_binary
from nnrun.data.readable import readable
from nnrun.data.records import Records, parsed
from nnrun.data.tables import Cells

_PEEKED = 100  # rows that are looked at for the names of the columns


def jsonl(
    path: Path,
    *,
    names: list[str] | None = None,
    strip: bool = False,
    na_values: list[str] | None = None,
    values: dict[str, Any] | None = None,
    where: dict[str, Any] | None = None,
    limit: int | None = None,
    on_bad: OnBad = "fail",
) -> Dataset:
    """A row on each line, an object or a list; null and a name that is not there are blanks.

    Args:
        path: The file, UTF-8, packed with gzip or not.
        names: The names of the cells, where rows are lists; without them they are called by their place: 0, 1, 2.
        strip: Take blanks away from both ends of every text.
        na_values: Texts that mean a blank, such as "?" or "NA".
        values: Other values for some cells of a column: {income: {">50K.": ">50K"}}.
        where: The rows to keep: {set: train}, or a list of values.
        limit: Read only the first rows.
        on_bad: What becomes of rows that cannot be read.
    """
    import numpy as np

    cells = Cells(strip, na_values, values, where, limit)
    rows = Records(path, names, on_bad, by_line=True)
    with readable(path):
        rows.read(islice(_rows(path), None if where else limit))
    table = rows.table()
    if len(table):
        cells.check([str(name) for name in table.columns])
    lines = np.array(rows.places, dtype=np.int64)
    return tables.dataset(cells.apply(table), cells, path, lines=lines, bad=rows.bad)


def peek(
    path: Path | None,
    *,
    names: list[str] | None = None,
    strip: bool = False,  # noqa: ARG001  peek takes the settings of the source
    na_values: list[str] | None = None,  # noqa: ARG001
    values: dict[str, Any] | None = None,  # noqa: ARG001
    where: dict[str, Any] | None = None,  # noqa: ARG001
    limit: int | None = None,  # noqa: ARG001
) -> Peek:
    """The names of the columns where rows are lists; of objects any later row may bring another."""
    if path is None:
        return Peek(columns=tuple(str(name) for name in names) if names else None, is_table=True)
    with readable(path):
        first = next((row for _, row in islice(_rows(path), _PEEKED) if isinstance(row, dict | list)), None)
    if isinstance(first, list):
        return Peek(columns=tuple(str(name) for name in names or range(len(first))), is_table=True)
    return Peek(is_table=True)


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    """Every line that is not empty as data; an error in the place of what is none."""
    with open_binary(path) as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                item = parsed(line.decode("utf-8-sig" if number == 1 else "utf-8"))
            except ValueError as error:  # a UnicodeDecodeError is one
                item = error
            yield number, item
