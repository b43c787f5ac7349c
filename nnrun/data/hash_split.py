"""Parts by a hash of each row, so that a row keeps its part when others are added or taken away."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from nnrun.data.categories import as_text
from nnrun.data.dataset import Dataset
from nnrun.errors import DataError, Where

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

AT_ONCE = 1024  # rows of an array that are held at once


def parts(keys: Array, *, validation: float = 0, test: float = 0, seed: int = 0) -> dict[str, Array]:
    """Row numbers (int64) of train, validation and test: `sha256` of seed and key of a row, as a share of all hashes.

    Of many rows about the share that is asked for comes into a part; equal keys come into the same one. The smallest
    hashes test, and those behind them validate.

    Args:
        keys: What is hashed of every row, bytes.
        validation: A fraction; 0 is none.
        test: Likewise.
        seed: Another seed gives other parts.
    """
    import numpy as np

    begin = f"{seed}:".encode()
    fractions = np.array([_fraction(begin + key) for key in keys])
    places = np.searchsorted([test, test + validation], fractions, side="right")
    found = {
        name: np.flatnonzero(places == place).astype(np.int64)
        for name, place in (("train", 2), ("validation", 1), ("test", 0))
    }
    for name, wanted in (("train", 1), ("validation", validation), ("test", test)):
        if wanted and not len(found[name]):
            raise DataError(
                f"by hash no row of {len(keys):,} is in the {name} part: they have {len(set(keys)):,} different values",
                expected="more rows, or more different values of what is hashed",
                hint="another `seed` gives other parts",
            )
    return found


def keys(dataset: Dataset, column: str | None, where: Where | None = None) -> tuple[Array, str]:
    """What is hashed of every row, bytes, and in words what it is.

    It is the value of a column; of files of their own, such as pictures, folder and name; else all that the row holds.
    """
    import numpy as np

    size, files = dataset.size, dataset.files
    found = np.empty(size, dtype=object)
    if column is not None:
        values = dataset.single(column, "column that is hashed", "a table, or an array with one value a row", where)
        found[:] = [_cell(text) for text in as_text(values)]
        return found, column
    if dataset.columns is None and len(files) == size > 1:
        found[:] = [f"{path.parent.name}/{path.name}".encode() for path in files]
        return found, "file name"
    rows = [sha256() for _ in range(size)]
    if dataset.columns is not None:
        for name in dataset.columns.columns:
            for row, text in zip(rows, as_text(dataset.columns[name]), strict=True):
                row.update(_cell(text))
    for array in (*dataset.arrays.values(), *dataset.targets.values()):
        for first in range(0, size, AT_ONCE):
            for row, values in zip(rows[first:], np.ascontiguousarray(array[first : first + AT_ONCE]), strict=False):
                row.update(values.tobytes())
    found[:] = [row.digest() for row in rows]
    return found, "whole row"


def _cell(text: str | None) -> bytes:
    """A value behind its length, so that no two rows read the same."""
    return b"-" if text is None else f"{len(text)}:{text}".encode()


def _fraction(key: bytes) -> float:
    """The first 52 bits of the hash as a number from 0 to below 1, exactly."""
    return (int.from_bytes(sha256(key).digest()[:8], "big") >> 12) / 2**52
