"""Targets with a class at every pixel or step: arrays of class numbers, which may be large."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nnrun.errors import DataError, listing

if TYPE_CHECKING:
    import numpy as np

MOST_CLASSES = 32  # pictures with more distinct values are amounts, not classes
MOST_NUMBERS = 2**16  # class numbers lie no farther apart
_CHUNK = 2**22  # values that are looked at at once


def labels_of(name: str, values: np.ndarray[Any, Any]) -> tuple[str, ...]:
    """The distinct class numbers of a target, in order, as text."""
    import numpy as np

    if values.dtype.kind not in "iub":
        hint = "store class numbers in whole numbers: `masks.astype('uint8')`"
        raise DataError(f"the target {name!r} holds {values.dtype}", expected="a class number everywhere", hint=hint)
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
    if high - low >= MOST_NUMBERS:
        raise DataError(f"the target {name!r} holds numbers from {low:,} to {high:,}", expected="class numbers")
    seen = np.zeros(high - low + 1, bool)
    for chunk in chunks(values):
        seen[chunk.astype(np.int64) - low] = True
    return tuple(str(number + low) for number in np.flatnonzero(seen))


def classes_everywhere(values: np.ndarray[Any, Any]) -> str:
    """What speaks for a class at every pixel, in words: few whole numbers; empty where the pixels are amounts."""
    if values.dtype.kind not in "iub" or not values.size or int(values.max()) - int(values.min()) >= MOST_NUMBERS:
        return ""
    labels = labels_of("", values)
    return f"one of {len(labels)} whole numbers at every pixel" if 1 < len(labels) <= MOST_CLASSES else ""


def counts_from_zero(values: np.ndarray[Any, Any]) -> bool:
    """Whether they are the whole numbers from 0 on, none left out: class numbers already."""
    import numpy as np

    if values.dtype.kind not in "iub" or not values.size or int(values.min()) != 0:
        return False
    return len(np.unique(values)) == int(values.max()) + 1


def numbers_of(name: str, values: np.ndarray[Any, Any], labels: tuple[str, ...]) -> np.ndarray[Any, Any]:
    """The place of every value among the labels, in the shape of the values and in as few bytes as hold it."""
    import numpy as np

    known = np.array([int(label) for label in labels])
    low, high = int(known[0]), int(known[-1])
    strange = sorted(set(labels_of(name, values)) - set(labels), key=int)
    if strange:
        raise DataError(
            f"the target {name!r} holds the class {strange[0]}, and no training row has it",
            expected=f"one of {listing(labels)}",
            hint="are there rows of every class in the training part?",
        )
    kind = np.min_scalar_type(len(labels) - 1)
    table = np.zeros(high - low + 1, kind)
    table[known - low] = np.arange(len(labels))
    numbers = np.empty(values.shape, kind)
    flat, given = numbers.reshape(-1), values.reshape(-1)
    for first in range(0, len(given), _CHUNK):
        flat[first : first + _CHUNK] = table[given[first : first + _CHUNK].astype(np.int64) - low]
    return numbers


def chunks(values: np.ndarray[Any, Any]) -> Iterator[np.ndarray[Any, Any]]:
    """All values in pieces that are small against memory."""
    flat = values.reshape(-1)
    for first in range(0, len(flat), _CHUNK):
        yield flat[first : first + _CHUNK]
