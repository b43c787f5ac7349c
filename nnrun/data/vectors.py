"""Learned vectors of words in a text file: on each line a word and its numbers, as GloVe and fastText write them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

LOOKED_AT = 2**26  # bytes of a file that a check goes through
PARSED = 100  # its first lines, whose numbers are read


class WordVectors:
    """What `$data.INPUT.vectors` stands for: a row for each number of the vocabulary, zeros where the file has none."""

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self.array = array

    @cached_property
    def _digest(self) -> str:
        return hashlib.sha256(self.array.tobytes()).hexdigest()

    def __repr__(self) -> str:  # part of the key by which folds share a network
        return f"WordVectors({self.array.shape}, {self._digest})"

    def __str__(self) -> str:
        return " x ".join(str(size) for size in self.array.shape)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WordVectors) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(self._digest)


def matched(path: Path, vocabulary: Sequence[str], first: int, size: int) -> tuple[np.ndarray[Any, Any], int]:
    """The vectors (size, numbers) of a vocabulary whose tokens are numbered from `first`, and how many were found.

    A word that stands twice in the file has its last vector. Raises DataError with the line that cannot be read.
    """
    import numpy as np

    places = {token.encode(): place for place, token in enumerate(vocabulary, start=first)}
    found: dict[int, np.ndarray[Any, Any]] = {}
    width = 0
    for line, word, numbers in _lines(path):
        width = width or numbers.count(b" ") + 1
        if word in places:
            found[places[word]] = _parsed(path, line, numbers)
    array = np.zeros((size, width), np.float32)
    for place, vector in found.items():
        array[place] = vector
    return array, len(found)


def width(path: Path) -> int:
    """How many numbers a vector has. Raises DataError for a line of another count, or a text among the first ones."""
    count = place = 0
    for line, word, numbers in _lines(path):
        count = count or numbers.count(b" ") + 1
        if line <= PARSED:
            _parsed(path, line, numbers)
        place += len(word) + len(numbers)
        if place > LOOKED_AT:
            break
    return count


def _lines(path: Path) -> Iterator[tuple[int, bytes, bytes]]:
    """The number of each line, its word, and its numbers with one blank between them; all have as many."""
    count = 0
    with path.open("rb") as stream:
        for line, text in enumerate(stream, start=1):
            word, _, numbers = text.strip().partition(b" ")
            if line == 1 and word.isdigit() and numbers.strip().isdigit():
                continue  # fastText: how many words, and how many numbers each
            if not count:
                count = len(numbers.split())
                if not count:
                    raise _bad(path, line, "has no numbers behind its word")
            if numbers.count(b" ") + 1 != count:  # words of several parts, or several blanks
                cells = text.split()
                if len(cells) <= count:
                    raise _bad(path, line, f"has {max(len(cells) - 1, 0)} numbers, and the first has {count}")
                word, numbers = b" ".join(cells[:-count]), b" ".join(cells[-count:])
            yield line, word, numbers
    if not count:
        raise DataError(f"{path.name} holds no vectors", expected="on each line a word and its numbers")


def _parsed(path: Path, line: int, numbers: bytes) -> np.ndarray[Any, Any]:
    import numpy as np

    try:
        vector = np.array(numbers.split(), dtype=np.float32)
    except ValueError:
        raise _bad(path, line, f"holds {_not_a_number(numbers)!r}, which is no number") from None
    if not np.isfinite(vector).all():
        raise _bad(path, line, "holds a number that is not finite")
    return vector


def _not_a_number(numbers: bytes) -> str:
    for cell in numbers.split():
        try:
            float(cell)
        except ValueError:
            return cell.decode(errors="replace")
    return ""


def _bad(path: Path, line: int, told: str) -> DataError:
    hint = "a file of vectors such as glove.6B.100d.txt; where it was cut off, download it again"
    return DataError(
        f"line {line:,} of {path.name} {told}", expected="a word, and as many numbers on each line", hint=hint
    )
