"""The quick way through a file of rows: lines without a quote or anything strange are taken many at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nnrun.data.delimited import Format, Record, records

AT_ONCE = 4096


@dataclass(frozen=True)
class Plain:
    """Lines that are rows of the table's width, one each; `first` is the number of the first line."""

    first: int
    texts: list[str]

    @property
    def numbers(self) -> range:
        """The lines' numbers."""
        return range(self.first, self.first + len(self.texts))


class _Lines:
    """Lines of which some can be looked at before they are taken one by one."""

    def __init__(self, lines: Iterator[tuple[int, str]]) -> None:
        self._lines = lines
        self.ahead: list[tuple[int, str]] = []

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return self

    def __next__(self) -> tuple[int, str]:
        return self.ahead.pop() if self.ahead else next(self._lines)

    def look(self, count: int) -> list[tuple[int, str]]:
        """The next lines, which stay to be taken."""
        found = [pair for _, pair in zip(range(count), self._lines, strict=False)]
        self.ahead = found[::-1]
        return found


def rows(lines: Iterator[tuple[int, str]], form: Format, width: int, hidden: set[int]) -> Iterator[Plain | Record]:
    """Every row in order: many plain ones together, all others as `delimited.records` tells them."""
    source = _Lines(lines)
    slow = records(source, form, hidden)
    while found := source.look(AT_ONCE):
        texts = [text for _, text in found]
        if found[0][0] > form.first and _plain(texts, form, width):
            source.ahead = []
            yield Plain(found[0][0], texts)
            continue
        while source.ahead:
            record = next(slow, None)
            if record is None:
                return
            yield record


def _plain(texts: list[str], form: Format, width: int) -> bool:
    """Whether every line is a row by itself: no quote, no comment, nothing strange, as many cells as columns."""
    whole = "".join(texts)
    if (form.quote and form.quote in whole) or form.comment or form.escape or "\0" in whole or not whole.isascii():
        return False
    if whole.count(form.delimiter) != (width - 1) * len(texts) or not whole.endswith("\n"):
        return False
    between = width - 1
    if not between:
        return all(text.strip(form.blanks) for text in texts)
    return all(text.count(form.delimiter) == between for text in texts)
