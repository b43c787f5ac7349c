"""Rows whose cells cannot be used, found by what the config makes of the columns, before any row is drawn."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from nnrun.data.bad import BadRow, OnBad, left_out
from nnrun.data.categories import as_text
from nnrun.data.columns import not_numbers
from nnrun.data.dataset import Dataset
from nnrun.data.rows import ChosenRows, Rows
from nnrun.data.target import Kind
from nnrun.errors import DataError, listing

if TYPE_CHECKING:
    import numpy as np

MOST_SHOWN, MOST_TOLD = 60, 200  # signs of a cell, in a message and in bad_rows.csv


@dataclass(frozen=True)
class Wanted:
    """What the config makes of columns: those that are to be `numbers`, those of them that must be `filled`, targets.

    `targets` are classes or numbers, and always filled.
    """

    numbers: Collection[str] = ()
    filled: Collection[str] = ()
    targets: Mapping[str, Kind] | None = None


def screen(dataset: Dataset, wanted: Wanted, on_bad: OnBad) -> Dataset:
    """The dataset without the rows that cannot be used, which are added to its `bad`; `fail` refuses the first.

    Whether a row is bad depends on that row and on what the config says, so nothing is learned from held-out rows.
    Raises DataError where no row would be left.
    """
    import numpy as np

    if dataset.columns is None:
        return dataset
    targets = {name: kind for name, kind in (wanted.targets or {}).items() if name in dataset.columns}
    numbers = [name for name in wanted.numbers if name in dataset.columns and name not in targets]
    numbers += [name for name, kind in targets.items() if kind == "number"]
    filled = {*wanted.filled, *targets}
    classes = [name for name, kind in targets.items() if kind == "classes"]
    found = chain(
        *(_not_numbers(dataset, name, name in filled, name in targets) for name in numbers),
        *(_not_classes(dataset, name) for name in classes),
    )
    first: dict[int, BadRow] = {}
    for row, bad in sorted(found, key=lambda pair: pair[0]):
        first.setdefault(row, bad)
    bad_rows = left_out(first.values(), on_bad)
    if not bad_rows:
        return dataset
    keep = np.setdiff1d(np.arange(dataset.size), np.fromiter(first, dtype=np.int64))
    if not len(keep):
        raise DataError(
            f"no row can be used: all {dataset.size:,} were left out, the first: {bad_rows[0]}",
            expected="rows that can be learned from",
            hint=bad_rows[0].hint,
        )
    result = _as_numbers(_taken(dataset, keep), numbers)
    assert result.size + len(bad_rows) == dataset.size, "rows in = rows used + rows left out"
    return replace(result, bad=tuple(sorted((*dataset.bad, *bad_rows), key=lambda bad: bad.row or 0)))


def _not_numbers(dataset: Dataset, name: str, filled: bool, target: bool) -> Iterator[tuple[int, BadRow]]:
    """Cells of a column of numbers that hold text, an infinity or, where it must be `filled`, nothing."""
    import numpy as np
    import pandas as pd

    assert dataset.columns is not None
    column, called = dataset.columns[name], f"the {'target' if target else 'column'} {name!r}"
    texts = not_numbers(dataset, name)
    if texts is not None and texts.texts > texts.numbers:
        return  # no column of numbers: what is wrong is the config, and preparation says so
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    blank = column.isna().to_numpy()
    for row in np.flatnonzero(np.isnan(values) & ~blank).tolist():
        other = "for classes write `task: multiclass`" if target else "a column of text takes `one_hot` or `index`"
        mend = f"{texts.mend}; {other}" if texts is not None else ""
        yield row, _bad(dataset, row, name, f"{called} holds the text {_shown(column.iloc[row])}", "a number", mend)
    with np.errstate(over="ignore"):
        endless = np.isinf(values.astype(np.float32))
    for row in np.flatnonzero(endless).tolist():
        what = (
            f"{called} is infinite" if np.isinf(values[row]) else f"{called} holds {values[row]:g}, too large a number"
        )
        yield row, _bad(dataset, row, name, what, "a finite number that float32 holds", "mend the cell")
    if filled:
        for row in np.flatnonzero(blank).tolist():
            yield row, _blank(dataset, row, name, called, target)


def _not_classes(dataset: Dataset, name: str) -> Iterator[tuple[int, BadRow]]:
    """Blanks among classes, and texts that are none of those that the source names."""
    import numpy as np

    assert dataset.columns is not None
    texts = as_text(dataset.columns[name].to_numpy(dtype=object))
    blank = np.array([text is None for text in texts], dtype=bool)
    for row in np.flatnonzero(blank).tolist():
        yield row, _blank(dataset, row, name, f"the target {name!r}", True)
    known = dataset.classes.get(name, ())
    places = {str(number) for number in range(len(known))}
    if known and not set(texts[~blank]) <= places:
        for row in np.flatnonzero(~blank & ~np.isin(texts, known)).tolist():
            what = f"the target {name!r} holds {_shown(texts[row])}"
            yield row, _bad(dataset, row, name, what, f"one of its {len(known)} classes: {listing(known)}", "")


def _blank(dataset: Dataset, row: int, name: str, called: str, target: bool) -> BadRow:
    hint = "fill it in; `on_bad: skip` leaves such rows out"
    return _bad(dataset, row, name, f"{called} is blank", "an answer in every row" if target else "a number", hint)


def _bad(dataset: Dataset, row: int, name: str, what: str, expected: str, hint: str) -> BadRow:
    assert dataset.columns is not None
    file = str(dataset.files[0]) if dataset.files else dataset.description
    cell, lines = dataset.columns[name].iloc[row], dataset.lines
    by_line = lines is not None and lines.dtype.kind != "U"
    number = row if lines is None else int(lines[row]) if by_line else int(str(lines[row]).removeprefix("row "))
    value = "" if cell != cell or cell is None else str(cell)[:MOST_TOLD]
    return BadRow(file, number, name, what, value, expected, hint, by_line)


def _shown(cell: Any) -> str:
    text = str(cell)
    return repr(text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "...")


def _taken(dataset: Dataset, rows: np.ndarray[Any, Any]) -> Dataset:
    """Some rows of a dataset, each under the name that it had."""
    import numpy as np

    assert dataset.columns is not None
    place = np.full(dataset.size, -1)
    place[rows] = np.arange(len(rows))
    lines = np.char.add("row ", np.arange(dataset.size).astype(str)) if dataset.lines is None else dataset.lines
    parts = {name: place[numbers] for name, numbers in dataset.parts.items()}
    return replace(
        dataset,
        size=len(rows),
        columns=dataset.columns.iloc[rows].reset_index(drop=True),
        arrays={
            name: ChosenRows(array, rows) if isinstance(array, Rows) else array[rows]
            for name, array in dataset.arrays.items()
        },
        targets={name: values[rows] for name, values in dataset.targets.items()},
        parts={name: numbers[numbers >= 0] for name, numbers in parts.items()},
        lines=lines[rows],
        folders=None if dataset.folders is None else dataset.folders[rows],
    )


def _as_numbers(dataset: Dataset, names: Collection[str]) -> Dataset:
    """Columns whose last text is gone are numbers now."""
    import pandas as pd

    assert dataset.columns is not None
    texts = [name for name in names if not pd.api.types.is_numeric_dtype(dataset.columns[name])]
    numbers = {name: pd.to_numeric(dataset.columns[name], errors="coerce") for name in texts}
    whole = {name: column for name, column in numbers.items() if not_numbers(dataset, name) is None}
    return replace(dataset, columns=dataset.columns.assign(**whole))
