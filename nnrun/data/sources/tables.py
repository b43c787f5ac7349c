"""A folder of CSV files of the same columns as one table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nnrun.data.dataset import Dataset, Peek
from nnrun.data.sources.files import compiled, matching
from nnrun.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


def tables(path: Path, *, pattern: str, melt: str | None = None, limit: int | None = None) -> Dataset:
    """The rows of all files behind each other, and a column for each part of their names: `"{part}/{piece}.csv"`.

    Rows that belong together go by such a column: `windows: {length: 10, group: piece}`, `split: {group: piece}`.

    Args:
        path: A folder; its own folders are looked into where the pattern has a slash.
        pattern: How the names are made: a text in braces is a column, all else stands as it is. Files of other names
            are passed over.
        melt: The name of one column into which all cells go, those of a row below each other.
        limit: Take only the first files, in the order of their names.
    """
    import pandas as pd

    shape = compiled(pattern)
    found = matching(path, shape)[:limit]
    if not found:
        raise DataError(f"no file of {path} is called like {pattern}", expected="CSV files of such names")
    parts, header = [], list(_read(path / found[0][0]).columns)
    for name, match in found:
        table = _read(path / name)
        if list(table.columns) != header:
            told = f"{path / name} has other columns than {found[0][0]}: {', '.join(map(str, table.columns))}"
            raise DataError(told, expected="the same columns in every file")
        if melt is not None:
            table = pd.DataFrame({melt: table.to_numpy().ravel()})
        parts.append(table.assign(**match.groupdict()))
    whole = pd.concat(parts, ignore_index=True)
    files = tuple(path / name for name, _ in found)
    return Dataset(size=len(whole), columns=whole, files=files, description=f"tables of {path.name}")


def peek(path: Path | None, *, pattern: str, melt: str | None = None, limit: int | None = None) -> Peek:  # noqa: ARG001
    """The columns, from the first file and the pattern."""
    shape = compiled(pattern)
    if melt is not None:
        return Peek(columns=(melt, *shape.groupindex))
    found = [] if path is None else matching(path, shape)
    if not found or path is None:
        return Peek()
    from nnrun.data.sources import csv

    return Peek(columns=(*(csv.peek(path / found[0][0]).columns or ()), *shape.groupindex))


def _read(file: Path) -> pd.DataFrame:
    from nnrun.data.sources.csv import csv

    columns = csv(file).columns
    assert columns is not None
    return columns
