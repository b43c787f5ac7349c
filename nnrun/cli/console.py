"""How things look on a terminal: results to stdout, progress and problems to stderr, nothing hostile passed through."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from nnrun.errors import NnrunError

MOST_PROBLEMS = 50  # of one config; nobody reads more of them at once


class Console:
    """What a command prints with; `quiet` keeps sentences back, `as_json` leaves one JSON value on stdout."""

    def __init__(self, *, quiet: bool = False, as_json: bool = False) -> None:
        self.quiet, self.as_json = quiet, as_json

    def result(self, text: str) -> None:
        if not self.as_json:
            _write(sys.stdout, text)

    def json(self, data: Any) -> None:
        if self.as_json:
            sys.stdout.write(json.dumps(data, indent=1, default=str, ensure_ascii=False) + "\n")
            sys.stdout.flush()

    def say(self, text: str) -> None:
        if not self.quiet:
            _write(sys.stderr, text)

    def error(self, error: NnrunError) -> None:
        count = len(error.problems)
        if count == 1:
            _write(sys.stderr, f"nnrun: {error}")
            return
        told = "\n".join(str(problem) for problem in error.problems[:MOST_PROBLEMS])
        rest = f"\n... and {count - MOST_PROBLEMS:,} more" if count > MOST_PROBLEMS else ""
        _write(sys.stderr, f"nnrun: {count:,} problems\n{told}{rest}")

    def table(
        self,
        rows: Sequence[Mapping[str, Any]],
        columns: Sequence[str] | None = None,
        *,
        right: frozenset[str] = frozenset(),
    ) -> None:
        if self.as_json or not rows:
            return
        names = list(columns or rows[0])
        cells = [names, *[[shown(row.get(name)) for name in names] for row in rows]]
        widths = [max(len(line[index]) for line in cells) for index in range(len(names))]
        for number, line in enumerate(cells):
            parts = [
                cell.rjust(width) if names[index] in right else cell.ljust(width)
                for index, (cell, width) in enumerate(zip(line, widths, strict=True))
            ]
            _write(sys.stdout, "  ".join(parts).rstrip())
            if number == 0:
                _write(sys.stdout, "  ".join("-" * width for width in widths))


def shown(value: Any) -> str:
    """A value as a cell: numbers to four digits, nothing as a dash."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1e-3 or abs(value) >= 1e5 else f"{value:.4f}"
    if isinstance(value, int):
        return f"{value:,}"
    return clean(str(value))


def clean(text: str) -> str:
    """Control characters as \\xNN, so that no file's content moves the cursor."""
    return "".join(letter if letter.isprintable() or letter == "\n" else f"\\x{ord(letter):02x}" for letter in text)


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    stream.write(clean(text).encode(encoding, "replace").decode(encoding) + "\n")
    stream.flush()
