"""Rows that cannot be used, and what a config's `on_bad` says of them: fail, skip or report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from nnrun.errors import DataError, Where

OnBad = Literal["fail", "skip", "report"]
MOST_NAMED = 20  # rows that data.json names; bad_rows.csv of the policy `report` names all


@dataclass(frozen=True)
class BadRow:
    """One row, or one file of a folder, that was left out.

    `row` is a line of the file counted from 1 where `by_line`, else the row's place counted from 0; None where the
    whole file is the row, such as a picture. `column` and `value` are empty where the row as a whole is bad.
    """

    file: str
    row: int | None
    column: str
    what: str
    value: str = ""
    expected: str = ""
    hint: str = ""
    by_line: bool = True

    def error(self) -> DataError:
        """The refusal that names it."""
        there = Where(self.file, self.row, 1) if self.row is not None and self.by_line else Where(self.file)
        what = self.what if self.row is None or self.by_line else f"row {self.row}: {self.what}"
        return DataError(what, where=there, expected=self.expected, hint=self.hint)

    def __str__(self) -> str:
        return str(self.error()).partition("\n")[0]

    def to_data(self) -> dict[str, Any]:
        """The record as plain data, for data.json and bad_rows.csv."""
        told = asdict(self)
        return {name: told[name] for name in COLUMNS}


COLUMNS = ("file", "row", "column", "value", "what")


def left_out(bad: Iterable[BadRow], on_bad: OnBad) -> tuple[BadRow, ...]:
    """The rows to leave out; where the policy is `fail`, the first of them is raised as a DataError.

    Sources hand over an iterator, so that `fail` reads no further than to the first bad row.
    """
    found: list[BadRow] = []
    for row in bad:
        if on_bad == "fail":
            raise row.error()
        found.append(row)
    return tuple(found)


def sentence(bad: Sequence[BadRow], size: int) -> str:
    """One line about what was left out of the rows that were read; empty where nothing was."""
    if not bad:
        return ""
    count = f"{len(bad):,} of {len(bad) + size:,} rows {'is' if len(bad) == 1 else 'are'} left out"
    return f"{count}, the first: {bad[0]}"


def summary(bad: Sequence[BadRow], on_bad: OnBad) -> dict[str, Any]:
    """What data.json says: how many rows were left out, and the first of them."""
    return {"on_bad": on_bad, "count": len(bad), "first": [row.to_data() for row in bad[:MOST_NAMED]]}


def rows_of(bad: Sequence[BadRow]) -> Iterator[list[Any]]:
    """The lines of bad_rows.csv under `COLUMNS`."""
    for row in bad:
        yield list(row.to_data().values())
