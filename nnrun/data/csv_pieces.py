"""A text of rows that is read once, from a file or a stream, so many rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from nnrun.data.delimited import Format, Record, bad_row, first_row, records, uneven
from nnrun.data.parsing import parsed
from nnrun.data.plain_lines import Plain
from nnrun.data.plain_lines import rows as rows_of
from nnrun.data.readable import readable

if TYPE_CHECKING:
    import pandas as pd


@dataclass
class Pieces:
    """The rows of a text; `path` is what messages call it.

    `first` is the line of the first row, and its cells: the names, or the first values.
    """

    path: Path
    form: Format
    stream: TextIO

    def __post_init__(self) -> None:
        self._lines = enumerate(self.stream, start=1)
        with readable(self.path):
            self._held = next(records(self._lines, self.form, set()), None)
        self.first = first_row(self.path, self.form, self._held)

    def tables(
        self, columns: list[str], rows: int, *, has_header: bool, **reading: Any
    ) -> Iterator[tuple[list[int], pd.DataFrame]]:
        """Tables of about so many rows, each with the lines of its rows; a bad row is a DataError."""
        found: Iterator[Plain | Record] = rows_of(self._lines, self.form, len(columns), set())
        if not has_header and self._held is not None:
            found = chain([self._held], found)
        while True:
            numbers, texts = self._piece(found, rows, len(columns))
            if not numbers:
                return
            yield numbers, parsed(self.path, self.form, columns, iter(texts), len(numbers), reading)

    def _piece(self, found: Iterator[Plain | Record], rows: int, width: int) -> tuple[list[int], list[str]]:
        """The lines and the texts of the next rows."""
        numbers: list[int] = []
        texts: list[str] = []
        with readable(self.path):
            for record in found:
                if isinstance(record, Plain):
                    numbers += record.numbers
                    texts += record.texts
                else:
                    if record.what:
                        raise bad_row(self.path, record, record.numbers[0]).error()
                    if record.cells != width:
                        raise uneven(self.path, record, width).error()
                    numbers.append(record.numbers[0])
                    texts.append(record.text if record.text.endswith("\n") else record.text + "\n")
                if len(numbers) >= rows:
                    break
        return numbers, texts
