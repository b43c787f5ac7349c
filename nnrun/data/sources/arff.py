"""Tables in Weka's format, packed with gzip or not."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnrun.data import delimited, parsing, tables
from nnrun.data.bad import OnBad
from nnrun.data.dataset import Dataset, Peek
from nnrun.data.delimited import Format
from nnrun.data.readable import readable
from nnrun.data.tables import Cells
from nnrun.errors import DataError, SettingError, Where

_ATTRIBUTE = re.compile(
    r"""@attribute\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s{]+)\s*(\{.*\}|\S+)""", re.IGNORECASE | re.DOTALL
)
_NUMBERS = ("numeric", "real", "integer")
_TEXTS = ("string", "date")


def arff(
    path: Path,
    *,
    values: dict[str, Any] | None = None,
    where: dict[str, Any] | None = None,
    limit: int | None = None,
    on_bad: OnBad = "fail",
) -> Dataset:
    """A table whose columns say what they are: numbers, texts, or one of a list of classes; `?` is a blank.

    Args:
        path: The file, packed with gzip or not.
        values: Other values for some cells of a column: {class: {tested_positive: sick}}.
        where: The rows to keep: {set: train}, or a list of values.
        limit: Read only the first rows.
        on_bad: What becomes of rows that cannot be read.
    """
    import numpy as np

    head = _head(path)
    cells = Cells(True, ["?"], values, where, limit)
    cells.check(head.names)
    first = None if where else limit
    found = delimited.scan(path, head.form, len(head.names), has_header=False, limit=first, on_bad=on_bad)
    if not found.lines and not found.bad:
        raise DataError(f"{path}: the file holds no rows", expected="rows below @data")
    texts = dict.fromkeys(head.texts, str)
    table = parsing.table(path, head.form, list(head.names), found, na_values=cells.blanks, dtype=texts)
    lines = np.array(found.lines, dtype=np.int64)
    classes = {name: known for name, known in head.classes.items() if name not in (values or {})}
    return tables.dataset(cells.apply(table), cells, path, lines=lines, bad=found.bad, classes=classes)


def peek(
    path: Path | None,
    *,
    values: dict[str, Any] | None = None,
    where: dict[str, Any] | None = None,
    limit: int | None = None,
) -> Peek:
    """The names of the columns, from the lines that begin with @."""
    if path is None:
        return Peek(is_table=True)
    names = _head(path).names
    Cells(values=values, where=where, limit=limit).check(names)
    return Peek(columns=names, is_table=True)


@dataclass(frozen=True)
class _Head:
    """The columns, those of them that are text, and the classes of those that list them; how the rows are written."""

    names: tuple[str, ...]
    texts: tuple[str, ...]
    classes: dict[str, tuple[str, ...]]
    form: Format


def _head(path: Path) -> _Head:
    names: list[str] = []
    texts: list[str] = []
    classes: dict[str, tuple[str, ...]] = {}
    quotes = ""
    plain = Format(quote="", comment="%")
    with readable(path):
        for number, text in plain.lines(path):
            line = text.strip()
            what, expected, hint = plain.trouble(text)
            if what:
                raise DataError(what, where=Where(str(path), number, 1), expected=expected, hint=hint)
            if not line or line.startswith("%") or line.lower().startswith("@relation"):
                continue
            if line.lower().startswith("@data"):
                form = Format(quote='"' if quotes.count('"') > quotes.count("'") else "'", escape="\\",
                              comment="%", spaced=True, first=number)  # fmt: skip
                _refuse_sparse(path, form)
                return _checked(path, _Head(tuple(names), tuple(texts), classes, form))
            found = _ATTRIBUTE.match(line)
            kind = found[2].lower() if found else ""
            if not found or not (kind in (*_NUMBERS, *_TEXTS) or kind.startswith("{")):
                what = f"the line {line[:60]!r} is no attribute that is read"
                expected = "`@attribute NAME numeric`, `string`, `date` or `{CLASS, CLASS}`, and @data below them"
                raise DataError(what, where=Where(str(path), number, 1), expected=expected)
            name = _unquoted(found[1])
            names.append(name)
            if kind not in _NUMBERS:
                texts.append(name)
            if kind.startswith("{"):
                classes[name] = _listed(found[2])
            quotes += line
    raise DataError(f"{path} has no line @data", expected="Weka's format, with the rows below @data")


def _checked(path: Path, head: _Head) -> _Head:
    twice = sorted({name for name in head.names if head.names.count(name) > 1})
    if twice or not head.names:
        what = f"two attributes are called {', '.join(twice)}" if twice else "there is no attribute"
        raise DataError(f"{path}: {what}", expected="a different name for each column")
    return head


def _refuse_sparse(path: Path, form: Format) -> None:
    for number, text in form.lines(path):
        if number > form.first and text.strip() and not text.startswith("%"):
            if text.strip().startswith("{"):
                raise SettingError(f"{path}: its rows are sparse", expected="a value for every column in every row")
            return


def _listed(written: str) -> tuple[str, ...]:
    """The classes inside braces."""
    quote = '"' if '"' in written else "'"
    inside = written.strip()[1:-1]
    cells = next(csv.reader([inside], quotechar=quote, escapechar="\\", skipinitialspace=True), [])
    return tuple(cell.strip() for cell in cells if cell.strip())


def _unquoted(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name[1:-1]) if name[:1] in "'\"" else name
