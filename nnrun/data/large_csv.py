"""A text table that is larger than memory, read once into columns on the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from nnrun.data import memory
from nnrun.data.dataset import Dataset
from nnrun.data.file_table import filed
from nnrun.data.headers import open_binary
from nnrun.data.streaming import SHARE

GROWTH = 4  # how many bytes of memory one of text becomes: the text, its numbers, and copies of both
PACKED = 8  # how many bytes of text one of a packed file becomes
PIECE = 2**17  # rows that are read at once


def is_large(path: Path, stream: bool | None) -> bool:
    """Whether a file does not fit into memory as a table; `stream` says it by hand."""
    if stream is not None:
        return stream
    size = path.stat().st_size
    with open_binary(path) as opened:
        text = size if hasattr(opened, "fileno") and not hasattr(opened, "mtime") else size * PACKED
    return text * GROWTH > SHARE * memory.available()


def read(path: Path, pieces: Callable[[Sequence[str]], Iterator[Dataset]]) -> Dataset:
    """The table in files; `pieces` gives it from the beginning, with the columns that are told as text."""
    table = filed(lambda text: (cast(Any, piece.columns) for piece in pieces(text)))
    what = f"table {path.name}, larger than memory"
    return Dataset(size=len(table), columns=cast(Any, table), files=(path,), description=what)
