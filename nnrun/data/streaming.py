"""Whether the arrays of a source are held in memory, or made row by row when a training asks for them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nnrun.data import memory
from nnrun.data.dataset import Dataset
from nnrun.data.rows import ArrayRows, Rows, as_rows

if TYPE_CHECKING:
    import numpy as np

Stream = bool | None  # by hand, or None by the memory that is available
SHARE = 1 / 3  # of the available memory, that arrays may take: a training copies what it trains on


def settle(dataset: Dataset, stream: bool | None = None) -> Dataset:
    """The dataset with each of its arrays in memory, or each as `Rows`, which a training streams.

    An epoch from memory is the fastest, so it is taken wherever the arrays fit as the model takes them, in float32.
    Where they fit only as they are stored (pictures in bytes), they are read once and made float32 row by row; where
    not even that fits they stay in their files.

    Args:
        dataset: Arrays, or `Rows` of files that are not read yet.
        stream: Whether to stream from the files; None decides by the memory that is available.
    """
    if not dataset.arrays:
        return dataset
    limit = int(SHARE * memory.available())
    arrays = {name: as_rows(array) for name, array in dataset.arrays.items()}
    if stream is None:
        stream = sum(map(float32_bytes, arrays.values())) > limit
        if stream and sum(rows.nbytes for rows in arrays.values()) <= limit:
            arrays = {name: ArrayRows(rows.read()) for name, rows in arrays.items()}
    if not stream:
        return replace(dataset, arrays={name: rows.read() for name, rows in arrays.items()})
    for rows in arrays.values():
        rows.check()
    return replace(dataset, arrays=arrays)


def held(rows: Rows, stream: bool | None = None) -> np.ndarray[Any, Any] | Rows:
    """One array that a preparation made: in memory where it fits or where `stream` says so, else as it is."""
    if stream is None:
        stream = float32_bytes(rows) > int(SHARE * memory.available())
    if not stream:
        return rows.read()
    rows.check()
    return rows


def streams(dataset: Dataset) -> bool:
    """Whether any array of the dataset is made when it is asked for."""
    return any(isinstance(array, Rows) for array in dataset.arrays.values())


def note(name: str, rows: Rows) -> str:
    """What a person should know of an array that is streamed."""
    return f"{name}: streamed, its {float32_bytes(rows) / 1e6:,.0f} MB as float32 are not held in memory"


def float32_bytes(rows: Rows) -> int:
    """What the rows take as the model takes them."""
    return 4 * math.prod(rows.shape)
