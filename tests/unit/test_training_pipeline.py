"""The order of an epoch, and its batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnrun.training.pipeline import Batches, order, rows_after, steps_of_epoch, take

TENSORS = (np.arange(20.0, dtype=np.float32)[:, None], np.arange(20.0, dtype=np.float32))
ROWS = np.array([3, 1, 4, 15, 9, 2, 6, 5, 18, 7])


def ten(**how: Any) -> Batches:
    """Ten rows of the twenty that the tensors hold."""
    return Batches(TENSORS, ROWS, 20, batch_size=4, **how)


def test_training_pipeline_steps_of_an_epoch() -> None:
    assert [steps_of_epoch(rows, 4) for rows in (1, 4, 5, 12)] == [1, 1, 2, 3]
    assert [steps_of_epoch(12, 4, most) for most in (2, 3, 9)] == [2, 3, 3]


def test_training_pipeline_order_is_a_permutation() -> None:
    assert sorted(order(0, 3, 100, True).tolist()) == list(range(100))


def test_training_pipeline_order_is_a_function_of_seed_and_epoch() -> None:
    orders = {(seed, epoch): tuple(order(seed, epoch, 50, True)) for seed in range(3) for epoch in range(3)}
    assert len(set(orders.values())) == 9
    assert all(tuple(order(seed, epoch, 50, True)) == found for (seed, epoch), found in orders.items())


def test_training_pipeline_order_without_shuffle_is_the_rows_own() -> None:
    assert order(5, 7, 4, False).tolist() == [0, 1, 2, 3]


def test_training_pipeline_an_epoch_has_a_short_last_batch() -> None:
    batches = ten()
    assert (batches.size, batches.steps) == (10, 3)
    assert rows_after(np.array([1, 2, 3]), 4, 10).tolist() == [4, 8, 10]


@pytest.mark.parametrize(("most", "steps"), [(1, 1), (2, 2), (3, 3), (9, 3), (None, 3)])
def test_training_pipeline_an_epoch_may_be_cut(most: int | None, steps: int) -> None:
    assert ten(most=most).steps == steps


def test_training_pipeline_batches_follow_seed_and_epoch() -> None:
    batches = ten(shuffle=True, seed=3)
    for epoch in (0, 1, 5, 1):
        batches.begin(epoch)
        window = batches.window(1, 2)
        assert window.order.tolist() == ROWS[order(3, epoch, 10, True)].tolist()
        assert (window.first, window.last, window.rows) == (1, 3, 20)
        assert window.tensors is TENSORS


def test_training_pipeline_without_shuffle_the_order_is_sent_once() -> None:
    batches = ten(seed=3)
    first = batches.window(0, 3).order
    assert first.tolist() == ROWS.tolist()
    batches.begin(4)
    assert batches.window(0, 3).order is first
    batches.begin(0)
    assert batches.window(0, 3).order.tolist() == ROWS.tolist()


def test_training_pipeline_take() -> None:
    rows = np.array([2, 0])
    assert take(np.array([5, 6, 7]), rows).tolist() == [7, 5]
    assert {k: v.tolist() for k, v in take({"a": np.array([5, 6, 7])}, rows).items()} == {"a": [7, 5]}


def test_pipeline_an_order_that_stays_is_the_same_array() -> None:
    """So that an evaluation, which begins again after every epoch, does not send it again."""
    batches = Batches(None, np.array([4, 2, 7]), 9, batch_size=2)
    before = batches.window(0, 2).order
    batches.begin(0)
    assert batches.window(0, 2).order is before
    assert before.tolist() == [4, 2, 7]
