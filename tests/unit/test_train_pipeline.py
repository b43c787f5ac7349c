"""The order of an epoch, and its batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnrun.train.pipeline import Batches, order, take


def _batches(batches: Batches) -> list[list[int]]:
    return [[int(value) for value in inputs.numpy()[:, 0]] for inputs, *_ in batches.dataset]


def _ten(*, shuffle: bool = False, seed: int = 0, weights: Any = None) -> Batches:
    rows = np.arange(10.0, dtype=np.float32)
    return Batches(rows[:, None], 2 * rows, weights, batch_size=4, seed=seed, shuffle=shuffle)


def test_train_pipeline_order_is_a_permutation() -> None:
    assert sorted(order(0, 3, 100, True).tolist()) == list(range(100))


def test_train_pipeline_order_is_a_function_of_seed_and_epoch() -> None:
    orders = {(seed, epoch): tuple(order(seed, epoch, 50, True)) for seed in range(3) for epoch in range(3)}
    assert len(set(orders.values())) == 9
    assert all(tuple(order(seed, epoch, 50, True)) == found for (seed, epoch), found in orders.items())


def test_train_pipeline_order_without_shuffle_is_the_rows_own() -> None:
    assert order(5, 7, 4, False).tolist() == [0, 1, 2, 3]


def test_train_pipeline_batches_are_whole_with_a_short_last_one() -> None:
    batches = _ten()
    assert batches.steps == 3
    assert _batches(batches) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_train_pipeline_batches_follow_the_epoch() -> None:
    """The order is that of the epoch that was announced last, however often one asks."""
    batches = _ten(shuffle=True, seed=3)
    for epoch in (0, 1, 5, 1):
        batches.rewind(epoch)
        for _ in range(2):
            assert [row for batch in _batches(batches) for row in batch] == order(3, epoch, 10, True).tolist()


def test_train_pipeline_inputs_targets_and_weights_stay_together() -> None:
    batches = _ten(shuffle=True, weights=np.arange(10.0, dtype=np.float32) / 10)
    batches.rewind(2)
    for inputs, targets, weights in batches.dataset:
        assert (2 * inputs[:, 0]).numpy().tolist() == targets.numpy().tolist()
        assert weights.numpy() == pytest.approx(inputs[:, 0].numpy() / 10)


def test_train_pipeline_several_inputs_keep_their_names_and_kinds() -> None:
    inputs = {"a": np.zeros((3, 2), np.float32), "ids": np.array([[1], [2], [3]], np.int32)}
    batches = Batches(inputs, np.zeros(3, np.float32), None, batch_size=2, seed=0, shuffle=False)
    first, _ = next(iter(batches.dataset))
    assert {name: (tuple(value.shape), value.dtype.name) for name, value in first.items()} == {
        "a": ((2, 2), "float32"),
        "ids": ((2, 1), "int32"),
    }


def test_train_pipeline_take() -> None:
    rows = np.array([2, 0])
    assert take(np.array([5, 6, 7]), rows).tolist() == [7, 5]
    assert {k: v.tolist() for k, v in take({"a": np.array([5, 6, 7])}, rows).items()} == {"a": [7, 5]}
