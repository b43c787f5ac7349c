"""Random crops: each row at a place of its own, a target at the same one, and the middle where nothing is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_training_augmentation import made, run

from nnrun.data.rows import ArrayRows, CutRows
from nnrun.training.cropping import centre
from nnrun.training.laid_out import Beside, times

Array = np.ndarray[Any, Any]

CROP = {"RandomCrop": {"height": 4, "width": 3}}
ROWS, HEIGHT, WIDTH = 40, 7, 6
# Every pixel says which row it is of, and where it lies.
PLACES = np.stack(np.meshgrid(range(ROWS), range(HEIGHT), range(WIDTH), indexing="ij"), -1).astype(np.float32)


def corners(x: Array) -> list[tuple[int, int]]:
    """Where each part begins; each is one piece of its own row."""
    found = [tuple(int(number) for number in part[0, 0]) for part in x]
    for row, (part, (own, line, column)) in enumerate(zip(x, found, strict=True)):
        assert own == row
        assert np.array_equal(part, PLACES[row, line : line + 4, column : column + 3])
    return [(line, column) for _, line, column in found]


def test_training_crops_lie_anywhere_and_each_picture_has_its_own() -> None:
    x, _ = run(made(CROP), (PLACES, PLACES[:, 0, 0, :1]))
    assert x.shape == (ROWS, 4, 3, 3)
    found = corners(x)
    assert {line for line, _ in found} == set(range(4))
    assert {column for _, column in found} == set(range(4))
    assert corners(run(made(CROP), (PLACES, PLACES[:, 0, 0, :1]))[0]) == found
    assert corners(run(made(CROP), (PLACES, PLACES[:, 0, 0, :1]), step=1)[0]) != found


@pytest.mark.parametrize("factors", [(1, 1), (2, 2), (3, 2)])
def test_training_crops_cut_a_larger_target_at_the_same_place(factors: tuple[int, int]) -> None:
    larger = PLACES.repeat(factors[0], axis=1).repeat(factors[1], axis=2)
    assert times(PLACES.shape[1:], larger.shape[1:]) == factors
    x, y = run(made(CROP, "RandomFlip", beside=(Beside("", "picture"),)), (PLACES, larger))
    assert np.array_equal(y, x.repeat(factors[0], axis=1).repeat(factors[1], axis=2))


def test_training_crops_cut_a_mask_without_channels_and_keep_its_dtype() -> None:
    mask = PLACES[..., 1].astype(np.uint8)
    x, y = run(made(CROP, beside=(Beside("", "mask"),)), (PLACES, mask))
    assert y.dtype == np.uint8
    assert np.array_equal(x[..., 1], y)


def test_training_crops_leave_other_targets_alone() -> None:
    numbers = PLACES[:, 0, 0, :1]
    _, y = run(made(CROP, beside=(Beside("", "mixed"),)), (PLACES, numbers))
    assert np.array_equal(y, numbers)


def test_training_crops_of_held_out_rows_are_the_middle_of_pair_alike() -> None:
    larger = PLACES.repeat(4, axis=1).repeat(4, axis=2)
    small, large = centre(PLACES, (4, 3)), centre(larger, (16, 12), (4, 4))
    assert small[0, 0, 0].tolist() == [0, 1, 1]
    assert np.array_equal(large, small.repeat(4, axis=1).repeat(4, axis=2))
    streamed = centre(ArrayRows(larger), (16, 12), (4, 4))
    assert isinstance(streamed, CutRows)
    assert streamed.shape == large.shape
    assert np.array_equal(streamed[np.array([3, 1])], large[[3, 1]])


@pytest.mark.parametrize("target", [(8, 12), (7, 13, 1), (7,), (3, 6)])
def test_training_crops_know_which_targets_are_no_whole_multiple(target: tuple[int, ...]) -> None:
    assert times((7, 6, 3), target) is None
