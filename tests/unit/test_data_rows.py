"""Rows that are made when they are asked for are the rows of the array, bit for bit."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnrun.data.rows import (
    ArrayRows,
    ChosenRows,
    FileRows,
    Float32Rows,
    JoinedRows,
    Rows,
    as_rows,
    in_memory,
)
from nnrun.data.stored import idx_rows, npy_rows, one_channel
from nnrun.errors import DataError

ORDERS = [[], [0], [6, 0, 3], [2, 3, 4], [0, 1, 5, 6, 2], [4, 4, 5], list(range(7))]
NUMBERS = np.random.default_rng(0).normal(size=(7, 3, 2))


def same(rows: Rows, array: np.ndarray[Any, Any]) -> None:
    """In every order, by slices, whole, and in what it says of itself."""
    assert (rows.shape, rows.dtype, len(rows), rows.nbytes) == (array.shape, array.dtype, len(array), array.nbytes)
    for order in ORDERS:
        made = rows[np.array(order, dtype=np.int64)]
        assert made.dtype == array.dtype
        assert np.array_equal(made, array[order])
    for part in (slice(0, 0), slice(2, 5), slice(5, 99), slice(None, None, 2)):
        assert np.array_equal(rows[part], array[part])
    assert np.array_equal(rows.read(), array)


@pytest.mark.parametrize("dtype", ["uint8", "int16", ">i4", "float32", ">f8", "float64", "bool"])
def test_data_rows_of_a_npy_file(dtype: str, tmp_path: Path) -> None:
    array = (100 * NUMBERS).astype(dtype)
    np.save(tmp_path / "x.npy", array)
    rows = npy_rows(tmp_path / "x.npy")
    assert isinstance(rows, FileRows)
    same(rows, array.astype(array.dtype.newbyteorder("=")))


def test_data_rows_of_columns_first_are_read_whole(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.asfortranarray(NUMBERS))
    rows = npy_rows(tmp_path / "x.npy")
    assert isinstance(rows, ArrayRows)
    same(rows, NUMBERS)


def test_data_rows_of_no_width(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((7, 0)))
    same(npy_rows(tmp_path / "x.npy"), np.zeros((7, 0)))


def test_data_rows_of_an_idx_file(tmp_path: Path) -> None:
    pictures = np.arange(7 * 2 * 3, dtype=">i2").reshape(7, 2, 3)
    (tmp_path / "i").write_bytes(struct.pack(">BBBBIII", 0, 0, 0x0B, 3, 7, 2, 3) + pictures.tobytes())
    rows = one_channel(idx_rows(tmp_path / "i"))
    assert isinstance(rows, FileRows)
    same(rows, pictures[..., None].astype("int16"))


def test_data_rows_a_file_that_is_cut_is_refused_before_and_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, NUMBERS)
    rows = npy_rows(path)
    path.write_bytes(path.read_bytes()[:-8])
    assert np.array_equal(rows[0:6], NUMBERS[0:6])
    with pytest.raises(DataError, match=r"x\.npy ends before its row 6"):
        rows[6:7]
    with pytest.raises(DataError, match="the header promises 42 values, the file holds 41"):
        npy_rows(path)


@pytest.mark.parametrize("bad", [[-1], [7], [0, 9]])
def test_data_rows_that_do_not_exist_are_refused(bad: list[int], tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", NUMBERS)
    with pytest.raises(IndexError):
        npy_rows(tmp_path / "x.npy")[np.array(bad)]


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "float64", "float16", "bool"])
@pytest.mark.parametrize("scale", [None, 1 / 255, 0.1])
def test_data_rows_scaled_are_what_the_whole_array_scaled_is(dtype: str, scale: float | None) -> None:
    array = (100 * NUMBERS).astype(dtype)
    whole = array.astype(np.float32) if scale is None else (array * np.float32(scale)).astype(np.float32)
    same(Float32Rows(ArrayRows(array), scale), whole)


def test_data_rows_joined_and_chosen() -> None:
    small = NUMBERS[4:].astype(np.float32)
    joined = JoinedRows(ArrayRows(NUMBERS[:4]), ArrayRows(small))
    whole = np.concatenate([NUMBERS[:4], small])
    same(joined, whole)
    order = np.array([6, 2, 2, 0, 5, 1, 3])
    same(ChosenRows(joined, order), whole[order])


def test_data_rows_chunks_are_all_rows_in_order() -> None:
    array = np.arange(10_000 * 2).reshape(10_000, 2)
    chunks = list(ArrayRows(array).chunks())
    assert [first for first, _ in chunks] == [0, 4096, 8192]
    assert np.array_equal(np.concatenate([chunk for _, chunk in chunks]), array)


def test_data_rows_in_memory_and_back() -> None:
    rows = as_rows(NUMBERS)
    assert as_rows(rows) is rows
    assert in_memory(rows) is NUMBERS
    assert in_memory(NUMBERS) is NUMBERS
    assert np.array_equal(in_memory(ChosenRows(rows, np.array([1, 0]))), NUMBERS[[1, 0]])
