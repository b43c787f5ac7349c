"""Tables that are larger than memory, read once, piece by piece, into columns on the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from nnrun.data import memory
from nnrun.data.dataset import Dataset
from nnrun.data.file_table import filed
from nnrun.data.readable import readable
from nnrun.data.streaming import SHARE

if TYPE_CHECKING:
    import pandas as pd

GROWTH = 4  # how many bytes of memory one of a file becomes: its text, its numbers, and copies of both
PACKED = 8  # how many bytes of text one of a packed file becomes
PIECE = 2**17  # rows that are read at once


def is_large(size: int, stream: bool | None) -> bool:
    """Whether so many bytes of a file, unpacked, are too many for a table in memory; `stream` says it by hand."""
    return size * GROWTH > SHARE * memory.available() if stream is None else stream


def text_bytes(path: Path) -> int:
    """About how many bytes of text a file holds, packed with gzip or not."""
    with readable(path), path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return path.stat().st_size * (PACKED if packed else 1)


def read(path: Path, pieces: Callable[[Sequence[str]], Iterator[pd.DataFrame]]) -> Dataset:
    """The table in files; `pieces` gives it from the beginning, with the columns that are told as text."""
    table = filed(pieces)
    what = f"table {path.name}, read into files"
    return Dataset(size=len(table), columns=cast(Any, table), files=(path,), description=what)
