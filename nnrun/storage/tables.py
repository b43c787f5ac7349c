"""Tables as CSV files, that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

from nnrun.storage import atomic


def write(path: Path, columns: Sequence[str], blocks: Iterable[Iterable[Sequence[Any]]]) -> None:
    """A table whole or not at all, a block of rows after the other, so that it may be longer than memory."""
    with atomic.staged(path) as temporary, temporary.open("x", newline="", encoding="utf-8") as stream:
        write_to(stream, columns, blocks)


def write_to(stream: TextIO, columns: Sequence[str], blocks: Iterable[Iterable[Sequence[Any]]]) -> None:
    """The names of the columns and the rows, as they come."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([safe(column) for column in columns])
    for block in blocks:
        writer.writerows([safe(value) for value in row] for row in block)
        stream.flush()


def safe(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets a quote in front; numbers stay numbers."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        try:
            float(value)
        except ValueError:
            return "'" + value
    return value
