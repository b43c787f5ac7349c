"""Rows of JSON: objects with a name for every cell, or lists with a cell for every name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.data.bad import BadRow, OnBad, left_out
from nnrun.errors import SettingError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

_PLAIN = (str, int, float, bool, type(None))


def parsed(text: bytes | str) -> Any:
    """JSON as Python data; ValueError for what is none, also for lists that are nested too deeply."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def pointed(data: Any, pointer: str, path: Path) -> Any:
    """The value to which a JSON pointer (RFC 6901) such as `/data/rows` leads; an empty one is the whole file."""
    if pointer and not pointer.startswith("/"):
        raise SettingError(f"the pointer {pointer!r} does not begin with a slash", expected="such as `/train`")
    reached = ""
    for key in pointer.split("/")[1:]:
        key = key.replace("~1", "/").replace("~0", "~")
        if isinstance(data, dict) and key in data:
            data = data[key]
        elif isinstance(data, list) and key.isascii() and key.isdigit() and int(key) < len(data):
            data = data[int(key)]
        else:
            hint = did_you_mean(key, [str(known) for known in data]) if isinstance(data, dict) else ""
            what, expected = f"{path} has nothing at {reached}/{key}", f"{reached or 'the file'} has {_there(data)}"
            raise SettingError(what, expected=expected, hint=hint)
        reached += f"/{key}"
    return data


class Records:
    """Collects rows into columns; a row that is none is a `BadRow`.

    `names` are those of the cells of lists. Without them, cells of lists are called by their place: 0, 1, 2.
    """

    def __init__(self, path: Path, names: Sequence[Any] | None, on_bad: OnBad, *, by_line: bool) -> None:
        self.path, self.on_bad, self.by_line = path, on_bad, by_line
        self.names = None if names is None else [str(name) for name in names]
        self.rows: list[Mapping[str, Any]] = []
        self.places: list[int] = []  # the line, or the number, of every good row
        self.bad: tuple[BadRow, ...] = ()

    def read(self, items: Iterable[tuple[int, Any]]) -> None:
        """Takes every row with its line or number; an item that is an error was no JSON."""

        def bad_rows() -> Iterator[BadRow]:
            for place, item in items:
                what, column, value, expected = self._problem(item)
                if what:
                    yield BadRow(str(self.path), place, column, what, value, expected, by_line=self.by_line)
                    continue
                if isinstance(item, list):
                    names = self.names or [str(number) for number in range(len(item))]
                    self.names = names
                    item = dict(zip(names, item, strict=True))
                self.rows.append(item)
                self.places.append(place)

        self.bad = left_out(bad_rows(), self.on_bad)

    def table(self) -> pd.DataFrame:
        """The rows as a table: a name that a row lacks is a blank, columns are of one type where their cells are."""

        columns = dict.fromkeys(str(name) for row in self.rows for name in row)
        found = {name: [row.get(name) for row in self.rows] for name in columns}
        return as_table(found, len(self.rows))

    def _problem(self, item: Any) -> tuple[str, str, str, str]:
        """What is wrong with a row, in which column, and what was expected."""
        if isinstance(item, Exception):
            return f"the row is no JSON: {item}", "", "", "an object, or a list"
        if isinstance(item, list):
            width = len(item) if self.names is None else len(self.names)
            if len(item) != width:
                text = json.dumps(item)[:200]
                return f"the row has {len(item)} cells, the table {width} columns", "", text, f"{width} cells"
            names: Sequence[str] = self.names or [str(number) for number in range(width)]
            cells = dict(zip(names, item, strict=True))
        elif isinstance(item, dict):
            cells = item
        else:
            return f"the row is {_kind(item)}", "", json.dumps(item)[:200], "an object, or a list"
        for name, cell in cells.items():
            if not isinstance(cell, _PLAIN):
                text, what = json.dumps(cell)[:200], f"the column {name!r} holds {_kind(cell)}"
                return what, str(name), text, "a number, a text, true, false or null"
        return "", "", "", ""


def as_table(columns: Mapping[str, list[Any]], size: int) -> pd.DataFrame:
    """Columns of plain values as a table; a column whose filled cells are all numbers is one of numbers."""
    import pandas as pd

    made = {}
    for name, cells in columns.items():
        column = pd.Series(cells, dtype=object)
        filled = column.dropna()
        numbers = all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in filled)
        made[name] = pd.to_numeric(column, errors="coerce") if numbers and len(filled) else column.infer_objects()
    return pd.DataFrame(made, index=range(size))


def _kind(value: Any) -> str:
    return "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else repr(value)


def _there(data: Any) -> str:
    if isinstance(data, dict):
        keys = [str(key) for key in data]
        return "the keys " + ", ".join(keys[:12]) + (" ..." if len(keys) > 12 else "") if keys else "no keys"
    return f"{len(data)} items, counted from 0" if isinstance(data, list) else _kind(data)
