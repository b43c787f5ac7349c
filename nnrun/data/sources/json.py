"""Tables in JSON files, packed with gzip or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nnrun.data import tables
from nnrun.data.bad import BadRow, OnBad
from nnrun.data.dataset import Dataset, Peek
from nnrun.data.headers import open_binary
from nnrun.data.readable import readable
from nnrun.data.records import Records, as_table, parsed, pointed
from nnrun.data.tables import Cells
from nnrun.errors import DataError


def json(
    path: Path,
    *,
    pointer: str = "",
    names: list[str] | None = None,
    strip: bool = False,
    na_values: list[str] | None = None,
    values: dict[str, Any] | None = None,
    where: dict[str, Any] | None = None,
    limit: int | None = None,
    on_bad: OnBad = "fail",
) -> Dataset:
    """A list of objects, a list of lists, or an object with a list for every column; null is a blank.

    Args:
        path: The file, packed with gzip or not.
        pointer: Where in the file the rows are, as a JSON pointer: /train, /data/rows.
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
    found = _pointed(path, pointer)
    bad: tuple[BadRow, ...] = ()
    lines = None
    if isinstance(found, dict):
        table = _columns(found, path, pointer)
    else:
        rows = Records(path, names, on_bad, by_line=False)
        rows.read(enumerate(found))
        assert len(rows.rows) + len(rows.bad) == len(found), "rows in = rows used + rows left out"
        table, bad = rows.table(), rows.bad
        lines = np.char.add("row ", np.array(rows.places).astype(str)) if bad and rows.places else None
    if len(table):
        cells.check([str(name) for name in table.columns])
    return tables.dataset(cells.apply(table), cells, path, lines=lines, bad=bad, selection=pointer)


def peek(
    path: Path | None,
    *,
    pointer: str = "",
    names: list[str] | None = None,
    strip: bool = False,
    na_values: list[str] | None = None,
    values: dict[str, Any] | None = None,
    where: dict[str, Any] | None = None,
    limit: int | None = None,
) -> Peek:
    """The names of the columns: JSON has no header, so the file is read."""
    if path is None:
        return Peek(columns=tuple(str(name) for name in names) if names else None, is_table=True)
    found = _pointed(path, pointer)
    if isinstance(found, dict):
        columns = [str(name) for name in found]
    elif found and isinstance(found[0], list):
        columns = [str(name) for name in names or range(len(found[0]))]
    else:
        columns = list(dict.fromkeys(str(name) for row in found if isinstance(row, dict) for name in row))
    Cells(strip, na_values, values, where, limit).check(columns)
    return Peek(
        columns=tuple(columns), rows=None if isinstance(found, dict) or where or limit else len(found), is_table=True
    )


def _pointed(path: Path, pointer: str) -> Any:
    """The rows of the file, a list or an object of lists."""
    with readable(path), open_binary(path) as stream:
        content = stream.read()
    try:
        data = parsed(content)
    except ValueError as error:
        raise DataError(
            f"{path} is no JSON: {error}", expected="one value; for a value on each line use jsonl"
        ) from None
    found = pointed(data, pointer, path)
    place = f"{path}{f' at {pointer}' if pointer else ''}"
    expected = "a list of objects, a list of lists, or an object of lists"
    if isinstance(found, dict) and found and not all(isinstance(cells, list) for cells in found.values()):
        keys = ", ".join(str(key) for key in list(found)[:12])
        raise DataError(f"{place} is an object of more than lists", expected=expected, hint=f"its keys: {keys}")
    if isinstance(found, dict) and len(found) and all(_is_table(cells) for cells in found.values()):
        keys = ", ".join(f"/{key}" for key in list(found)[:12])
        raise DataError(f"{place} holds several tables: {keys}", expected=f"`pointer: {pointer}/{next(iter(found))}`")
    if not isinstance(found, list | dict) or not found:
        raise DataError(f"{place} holds no rows", expected=expected)
    return found


def _is_table(cells: list[Any]) -> bool:
    return bool(cells) and all(isinstance(cell, dict | list) for cell in cells[:10])


def _columns(found: dict[str, list[Any]], path: Path, pointer: str) -> Any:
    """An object of lists, all equally long."""
    sizes = {str(name): len(cells) for name, cells in found.items()}
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise DataError(f"{path}{pointer}: the columns are not equally long: {told}", expected="a cell for every row")
    for name, cells in found.items():
        for row, cell in enumerate(cells):
            if isinstance(cell, dict | list):
                raise DataError(
                    f"{path}: row {row}: the column {name!r} holds no plain value", expected="a number or text"
                )
    return as_table({str(name): cells for name, cells in found.items()}, next(iter(sizes.values())))
