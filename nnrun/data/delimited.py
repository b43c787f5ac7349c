"""Rows of a text file whose cells stand between delimiters: found, held to be whole, and handed to pandas."""

from __future__ import annotations

import csv as csv_format
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TextIO

from nnrun.data.bad import BadRow, OnBad, left_out
from nnrun.data.headers import open_binary
from nnrun.data.readable import readable
from nnrun.errors import DataError

if TYPE_CHECKING:
    pass

MOST_TOLD = 200  # signs of a bad row
MOST_IN_A_CELL = 2**24  # signs; a quote that is never closed ends there, and not with the memory


@dataclass(frozen=True)
class Format:
    """How a file is written; `first` is the number of its first lines that hold no rows and no names.

    `spaced` says that blanks behind a delimiter do not count, `comment` how a line begins that is passed over.
    """

    delimiter: str = ","
    quote: str = '"'  # empty: a quote is a sign like any other
    escape: str = ""
    encoding: str = "utf-8"
    comment: str = ""
    spaced: bool = False
    first: int = 0

    def rows(self, lines: Iterable[str]) -> Any:
        """The csv module's reader, which is exact and slow."""
        return csv_format.reader(
            lines, delimiter=self.delimiter, strict=True, skipinitialspace=self.spaced, **self.quoting
        )

    @property
    def quoting(self) -> dict[str, Any]:
        """What both the csv module and pandas are told of quotes."""
        escape = {"escapechar": self.escape} if self.escape else {}
        return {"quotechar": self.quote, **escape} if self.quote else {"quoting": csv_format.QUOTE_NONE, **escape}

    def text(self, path: Path) -> TextIO:
        """The text of a file, packed with gzip or not."""
        return self.decoded(open_binary(path))

    def decoded(self, stream: IO[bytes]) -> TextIO:
        """The text; a byte that is none becomes a sign that `trouble` finds, so that its line can be named."""
        name = "utf-8-sig" if self.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else self.encoding
        return io.TextIOWrapper(stream, encoding=name, errors="surrogateescape", newline="")

    def lines(self, path: Path) -> Iterator[tuple[int, str]]:
        """Every line, with its number from 1."""
        with self.text(path) as stream:
            yield from enumerate(stream, start=1)

    def passes_over(self, number: int, text: str) -> bool:
        """Whether a line that begins no cell of several lines holds no row."""
        return number <= self.first or bool(self.comment and text.startswith(self.comment))

    @property
    def blanks(self) -> str:
        """The signs of which an empty line may consist; pandas takes the same."""
        return " \t\r\n".replace(self.delimiter, "")

    def trouble(self, text: str) -> tuple[str, str, str]:
        """What no reader should be given, what was expected, and how it is mended; empty where all is well."""
        if "\0" in text:
            return "the row holds a zero byte", "text", "is it a text file, and is `encoding` the right one?"
        if not text.isascii():
            strange = next((sign for sign in text if "\udc80" <= sign <= "\udcff"), None)
            if strange is not None:
                called = self.encoding.upper()
                hint = f"save the file again as {called}, or name its `encoding`, such as latin-1"
                return f"byte 0x{ord(strange) - 0xDC00:02x} is not {called}", f"text in {called}", hint
        return "", "", ""


@dataclass
class Scan:
    """What a first reading found: the line of every good row, and of all that pandas must not see."""

    lines: list[int] = field(default_factory=list)
    bad: tuple[BadRow, ...] = ()
    hidden: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Record:
    """One row: its lines, how many cells it has, its text; `what` it is that makes it no row at all."""

    numbers: tuple[int, ...]
    cells: int = 0
    what: str = ""
    expected: str = ""
    hint: str = ""
    text: str = ""


def header(path: Path, form: Format) -> tuple[int, list[str]]:
    """The cells of the first row, and the line on which it begins; DataError where there is none."""
    with readable(path):
        return first_row(path, form, next(records(form.lines(path), form, set()), None))


def first_row(path: Path, form: Format, record: Record | None) -> tuple[int, list[str]]:
    """The line and the cells of the first row; DataError where there is none."""
    if record is None:
        raise DataError(f"{path}: the file is empty", expected="a line of names and rows of data")
    if record.what:
        raise bad_row(path, record, record.numbers[0]).error()
    return record.numbers[0], [cell.strip() for cell in next(form.rows([record.text]))]


def scan(path: Path, form: Format, width: int, *, has_header: bool, limit: int | None, on_bad: OnBad) -> Scan:
    """Holds every row to have `width` cells; the others are refused or hidden from pandas, as `on_bad` says.

    A row whose quotes are never closed takes the lines behind it along: each of these lines counts as a bad row, since
    none of them can be told from the text inside the quotes.
    """
    found, rows, reached = Scan(), 0, [0]

    def bad_rows() -> Iterator[BadRow]:
        nonlocal rows
        from nnrun.data import plain_lines

        for record in plain_lines.rows(_watched(form.lines(path), reached), form, width, found.hidden):
            if isinstance(record, plain_lines.Plain):
                numbers = list(record.numbers)
                if rows < int(has_header):
                    rows += 1
                    found.hidden.add(numbers.pop(0))
                more = len(numbers) if limit is None else max(0, limit + int(has_header) - rows)
                found.lines += numbers[:more]
                rows += len(numbers[:more])
                if more < len(numbers):
                    break
                continue
            if rows < int(has_header):
                rows += 1
                found.hidden.update(record.numbers)
                continue
            if limit is not None and rows - int(has_header) >= limit:
                break
            if record.what:
                rows += len(record.numbers)
                found.hidden.update(record.numbers)
                yield from (bad_row(path, record, number) for number in record.numbers)
            elif record.cells != width:
                rows += 1
                found.hidden.update(record.numbers)
                yield uneven(path, record, width)
            else:
                rows += 1
                found.lines.append(record.numbers[0])

    with readable(path, lambda: reached[0]):
        found.bad = left_out(bad_rows(), on_bad)
    counted = rows - int(has_header)
    assert counted <= 0 or len(found.lines) + len(found.bad) == counted, "rows in = rows used + rows left out"
    return found


def _watched(lines: Iterator[tuple[int, str]], reached: list[int]) -> Iterator[tuple[int, str]]:
    for number, text in lines:
        reached[0] = number
        yield number, text


def records(lines: Iterator[tuple[int, str]], form: Format, hidden: set[int]) -> Iterator[Record]:
    """Every row that is not empty; without a quote in it, a row is a line and its delimiters are counted.

    Lines that are passed over are added to `hidden`.
    """
    csv_format.field_size_limit(MOST_IN_A_CELL)
    blanks = form.blanks
    for number, text in lines:
        if form.passes_over(number, text):
            hidden.add(number)
            continue
        if not text.strip(blanks):
            continue
        trouble = form.trouble(text)
        if trouble[0]:
            yield Record((number,), 0, *trouble, text)
        elif form.quote and form.quote in text:
            yield _quoted(number, text, lines, form)
        else:
            cells = text.count(form.delimiter) + 1
            yield Record((number,), cells, text=text)


def _quoted(number: int, text: str, lines: Iterator[tuple[int, str]], form: Format) -> Record:
    """A row that may go on over several lines."""
    taken, texts = [number], [text]

    def more() -> Iterator[str]:
        for behind, further in lines:
            taken.append(behind)
            texts.append(further)
            yield further

    try:
        cells = len(next(form.rows(chain([text], more()))))
    except csv_format.Error as error:
        hint = "a quote inside a cell is written twice; where quotes mean nothing, write `quoting: false`"
        rows = {place: line for place, line in zip(taken, texts, strict=True) if line.strip(form.blanks)}
        return Record(
            tuple(rows), 0, f"the quotes of the row are wrong: {error}", "a closing quote", hint, "".join(rows.values())
        )
    whole = "".join(texts)
    return Record(tuple(taken), cells, *form.trouble(whole), whole)


def bad_row(path: Path, record: Record, number: int) -> BadRow:
    """One line of a row that is none."""
    what = record.what if number == record.numbers[0] else f"part of the row of line {record.numbers[0]}: {record.what}"
    lines = record.text.splitlines()
    place = record.numbers.index(number)
    value = _printable(lines[place] if place < len(lines) else record.text)
    return BadRow(str(path), number, "", what, value, record.expected, record.hint)


def uneven(path: Path, record: Record, width: int) -> BadRow:
    """A row that is longer or shorter than the table is wide."""
    what = f"the row has {record.cells} cells, the table {width} columns"
    hint = "a cell that holds the delimiter needs quotes; check `delimiter` too"
    return BadRow(str(path), record.numbers[0], "", what, _printable(record.text), f"{width} cells", hint)


def _printable(text: str) -> str:
    """The beginning of a line as UTF-8 can hold it."""
    return text.strip()[:MOST_TOLD].encode("utf-8", "backslashreplace").decode("utf-8")
