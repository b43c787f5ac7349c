"""An input and a target in two files, as `numpy.save` writes them."""

from __future__ import annotations

from pathlib import Path

from nnrun.data.dataset import Dataset, Peek
from nnrun.data.headers import npy_header
from nnrun.data.rows import in_memory
from nnrun.data.stored import npy_rows
from nnrun.errors import DataError


def npy(x: Path, y: Path) -> Dataset:
    """An array of inputs `x` and an array of targets `y` with the same rows.

    Args:
        x: The inputs; whole pictures in bytes (uint8 of rank 3 or more) are scaled to 0..1.
        y: The targets.
    """
    import numpy as np

    rows = _row_shape(x)[0], _row_shape(y)[0]
    if rows[0] != rows[1]:
        raise DataError(
            f"{x} has {rows[0]} rows and {y} has {rows[1]}", expected="a target for every row of the inputs"
        )
    inputs, targets = npy_rows(x), in_memory(npy_rows(y))
    picture = inputs.dtype == np.uint8 and len(inputs.shape) >= 3
    return Dataset(
        size=len(inputs),
        arrays={"x": inputs},
        targets={"y": targets},
        scale={"x": 1 / 255} if picture else {},
        files=(x, y),
        description=f"arrays {x.name} and {y.name}",
        target="y",
    )


def peek(x: Path | None, y: Path | None) -> Peek:
    """The shape of a row, from the header of `x`."""
    shape = None if x is None else _row_shape(x)
    if y is not None:
        _row_shape(y)
    return Peek(arrays={} if shape is None else {"x": shape[1:]}, target="y", rows=shape[0] if shape else None)


def _row_shape(path: Path) -> tuple[int, ...]:
    with path.open("rb") as stream:
        shape, _ = npy_header(stream, str(path))
    if not shape:
        raise DataError(f"{path} holds a single value", expected="an array with the rows on axis 0")
    return shape
