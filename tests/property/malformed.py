"""Tables that went wrong on their way here: a good one, and a few of the things that happen to files."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

NAMES = ["area", "rooms", "city", "note", "price"]
CITIES = ["Bonn", "Köln", "New York, NY", 'the "old" town']


@dataclass(frozen=True)
class Case:
    """What was done to a good table. `level` is the smallest thing that a refusal has to name: file, row or cell."""

    number: int
    done: tuple[str, ...]
    level: str
    content: bytes

    def write(self, folder: Path) -> Path:
        """The file, in a folder of its own; a case may also be that there is a folder in its place."""
        path = folder / "houses.csv"
        if "a folder" in self.done:
            path.mkdir()
        else:
            path.write_bytes(self.content)
        return path


def case(number: int) -> Case:
    """The case of a number, the same on every machine."""
    dice = random.Random(number)
    rows = [_row(dice) for _ in range(dice.randint(25, 60))]
    whole = list(_OF_FILES) if dice.random() < 0.3 else []
    kinds = dice.choices(list(_OF_ROWS), k=dice.choice([0, 1, 1, 2, 4]))
    kinds += dice.choices(list(_OF_CELLS), k=dice.choice([0, 1, 2]))
    for kind, place in zip(kinds, dice.sample(range(len(rows)), k=len(kinds)), strict=True):
        if kind in _OF_CELLS:
            columns, make = _OF_CELLS[kind]
            rows[place] = _with_cell(rows[place], dice.choice(columns), make(dice))
        else:
            rows[place] = _OF_ROWS[kind](rows[place], dice)
    content = b"".join(row + b"\n" for row in [",".join(NAMES).encode(), *rows])
    done = tuple(kinds)
    if whole:
        kind = dice.choice(whole)
        content, done = _OF_FILES[kind](content, dice), (*done, kind)
    level = "file" if whole else "row" if any(kind in _OF_ROWS for kind in kinds) else "cell" if kinds else "none"
    return Case(number, done, level, content)


def _row(dice: random.Random) -> bytes:
    city = dice.choice(CITIES)
    quoted = '"' + city.replace('"', '""') + '"' if set(city) & set(',"') else city
    note = dice.choice(["", "fine", '"two\nlines"', "naïve"])
    return f"{dice.uniform(20, 200):.1f},{dice.randint(1, 6)},{quoted},{note},{dice.uniform(50, 900):.2f}".encode()


def _with_cell(row: bytes, column: int, cell: str) -> bytes:
    """A row with another cell; rows that are malformed already stay as they are."""
    plain = b"50.5,3,Bonn,fine,120.00".split(b",")
    if row.count(b",") != len(NAMES) - 1 or b'"' in row:
        return b",".join([*plain[:column], cell.encode(), *plain[column + 1 :]])
    cells = row.split(b",")
    return b",".join([*cells[:column], cell.encode(), *cells[column + 1 :]])


_OF_CELLS: dict[str, tuple[list[int], Callable[[random.Random], str]]] = {
    "a text among numbers": ([0, 1, 4], lambda dice: dice.choice(["abc", "twelve", "12 m2", "1.2.3", "--", "N/A"])),
    "a number with a comma": ([0, 4], lambda dice: '"1,234.5"'),
    "an infinity": ([0, 1, 4], lambda dice: dice.choice(["inf", "-inf", "Infinity", "1e400"])),
    "too large for float32": ([0, 4], lambda dice: "1e39"),
    "digits of another script": ([1, 4], lambda dice: dice.choice(["\uff11\uff12", "\u0663", "\u096a"])),
    "a blank target": ([4], lambda dice: ""),
    "a formula": ([0], lambda dice: "=1+1"),
    "hexadecimal": ([1], lambda dice: "0x1f"),
}

_BYTES = [byte for byte in range(1, 256) if byte not in b'\n\r"']  # that end no line
_OF_ROWS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "a cell too many": lambda row, dice: row + b",7",
    "a cell too few": lambda row, dice: row.rpartition(b",")[0].replace(b'"', b""),
    "many cells": lambda row, dice: row + b"," * dice.randint(10, 5_000),
    "a quote that is never closed": lambda row, dice: b'50.5,3,"Bonn,fine,120.00',
    "text behind a closing quote": lambda row, dice: b'50.5,3,"Bonn"x,fine,120.00',
    "another delimiter": lambda row, dice: b"50.5;3;Bonn;fine;120.00",
    "a zero byte": lambda row, dice: b"50.5,3,Bo\x00nn,fine,120.00",
    "latin-1": lambda row, dice: b"50.5,3,K\xf6ln,fine,120.00",
    "half a sign": lambda row, dice: b"50.5,3,K\xc3,fine,120.00",
    "bytes": lambda row, dice: bytes(dice.choice(_BYTES) for _ in range(40)) + b"\xff",
    "a cell that is huge": lambda row, dice: b"50.5,3,Bonn," + b"x" * 300_000 + b",120.00,1",
    "one word": lambda row, dice: b"END",
}  # fmt: skip

_OF_FILES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "nothing": lambda content, dice: b"",
    "blanks": lambda content, dice: b" \n\n\t\n",
    "the names alone": lambda content, dice: content.split(b"\n")[0] + b"\n",
    "no names": lambda content, dice: content.partition(b"\n")[2],
    "a name twice": lambda content, dice: content.replace(b"rooms", b"area", 1),
    "a name that is missing": lambda content, dice: content.replace(b"rooms", b"", 1),
    "another name": lambda content, dice: content.replace(b"price", b"cost", 1),
    "a wrong delimiter": lambda content, dice: content.replace(b",", b";"),
    "a byte order mark": lambda content, dice: b"\xef\xbb\xbf" + content,
    "UTF-16": lambda content, dice: content.decode("utf-8", "replace").encode("utf-16"),
    "lines of Windows": lambda content, dice: content.replace(b"\n", b"\r\n"),
    "lines of all kinds": lambda content, dice: b"".join(
        line + dice.choice([b"\n", b"\r\n", b"\r"]) for line in content.split(b"\n")
    ),
    "cut off": lambda content, dice: content[: dice.randrange(30, len(content))],
    "gzip": lambda content, dice: gzip.compress(content, mtime=0),
    "gzip cut off": lambda content, dice: gzip.compress(content, mtime=0)[: -dice.randrange(1, 200)],
    "gzip with a wrong byte": lambda content, dice: _flipped(gzip.compress(content, mtime=0), dice),
    "a name of zero bytes": lambda content, dice: b"\x00\x00" + content,
    "a picture": lambda content, dice: b"\x89PNG\r\n\x1a\n" + bytes(dice.randrange(256) for _ in range(500)),
    "a folder": lambda content, dice: content,
}
KINDS = {*_OF_CELLS, *_OF_ROWS, *_OF_FILES}


def _flipped(packed: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(20, len(packed))
    return packed[:place] + bytes([packed[place] ^ 0xFF]) + packed[place + 1 :]
