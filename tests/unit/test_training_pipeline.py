"""The order of an epoch, and its batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnrun.training.pipeline import Batches, order, take


def _ten(**how: Any) -> Batches:
    rows = np.arange(10.0, dtype=np.float32)
    return Batches(rows[:, None], 2 * rows, batch_size=4, **how)


def test_train_pipeline_order_is_a_permutation() -> None:
    assert sorted(order(0, 3, 100, True).tolist()) == list(range(100))


def test_train_pipeline_order_is_a_function_of_seed_and_epoch() -> None:
    orders = {(seed, epoch): tuple(order(seed, epoch, 50, True)) for seed in range(3) for epoch in range(3)}
    assert len(set(orders.values())) == 9
    assert all(tuple(order(seed, epoch, 50, True)) == found for (seed, epoch), found in orders.items())


def test_train_pipeline_order_without_shuffle_is_the_rows_own() -> None:
    assert order(5, 7, 4, False).tolist() == [0, 1, 2, 3]


def test_train_pipeline_an_epoch_has_a_short_last_batch() -> None:
    batches = _ten()
    assert (batches.size, batches.steps) == (10, 3)
    assert batches.rows_after(np.array([1, 2, 3])).tolist() == [4, 8, 10]


@pytest.mark.parametrize(("most", "steps"), [(1, 1), (2, 2), (3, 3), (None, 3)])
def test_train_pipeline_an_epoch_may_be_cut(most: int | None, steps: int) -> None:
    assert _ten(most=most).steps == steps


def test_train_pipeline_batches_follow_seed_and_epoch() -> None:
    batches = _ten(shuffle=True, seed=3)
    for epoch in (0, 1, 5, 1):
        assert batches.order(epoch).tolist() == order(3, epoch, 10, True).tolist()
    assert _ten(seed=3).order(5).tolist() == list(range(10))


def test_train_pipeline_inputs_targets_and_weights_become_tensors() -> None:
    """Values, shapes and kinds stay, several inputs keep their names."""
    inputs = {"a": np.zeros((3, 2), np.float32), "ids": np.array([[1], [2], [3]], np.int32)}
    batches = Batches(inputs, np.array([5, 6, 7], np.float32), np.array([1, 0, 2], np.float32), batch_size=2)
    given, targets, weights = batches.tensors
    assert {name: (tuple(value.shape), value.dtype.name) for name, value in given.items()} == {
        "a": ((3, 2), "float32"),
        "ids": ((3, 1), "int32"),
    }
    assert (targets.numpy().tolist(), weights.numpy().tolist()) == ([5, 6, 7], [1, 0, 2])
    assert len(_ten().tensors) == 2


def test_train_pipeline_take() -> None:
    rows = np.array([2, 0])
    assert take(np.array([5, 6, 7]), rows).tolist() == [7, 5]
    assert {k: v.tolist() for k, v in take({"a": np.array([5, 6, 7])}, rows).items()} == {"a": [7, 5]}
