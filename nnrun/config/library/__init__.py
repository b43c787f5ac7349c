"""The blocks that nnrun ships, written in the language itself: a file for each family, found by the names in it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from nnrun.config.loader import Document, load_text

_FOLDER = Path(__file__).parent


@cache
def _documents() -> dict[str, Document]:
    return {path.stem: load_text(path.read_bytes(), f"nnrun/{path.name}") for path in sorted(_FOLDER.glob("*.yaml"))}


@cache
def _homes() -> dict[str, str]:
    return {name: stem for stem, document in _documents().items() for name in document.data["blocks"]}


def names() -> tuple[str, ...]:
    """Every shipped block."""
    return tuple(_homes())


def families() -> tuple[str, ...]:
    """The files, each of which `extends` can name."""
    return tuple(_documents())


def document(block: str) -> Document:
    """The file that holds a block."""
    return _documents()[_homes()[block]]


def text(family: str) -> bytes:
    """A file as it is shipped."""
    return (_FOLDER / f"{family}.yaml").read_bytes()
