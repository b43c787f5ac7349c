import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnrun.data.folds import folds
from nnrun.data.split import split
from nnrun.errors import DataError


@settings(deadline=None, max_examples=60)
@given(
    size=st.integers(10, 80),
    validation=st.one_of(st.integers(0, 3), st.floats(0.01, 0.4)),
    test=st.one_of(st.integers(0, 3), st.floats(0.01, 0.4)),
    seed=st.integers(0, 2**32 - 1),
    classes=st.integers(1, 4),
)
def test_split_partitions_the_rows(size: int, validation: float, test: float, seed: int, classes: int) -> None:
    labels = np.arange(size) % classes
    made = split(size, validation=validation, test=test, seed=seed, labels=labels)
    together = np.concatenate([made.train, made.validation, made.test])
    assert sorted(together.tolist()) == list(range(size))
    wanted = {"validation": validation, "test": test}
    for name, part in wanted.items():
        count = part if isinstance(part, int) else int(np.ceil(part * size))
        assert len(getattr(made, name)) == count


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(st.integers(0, 99), min_size=8, max_size=60, unique=True),
    count=st.integers(2, 8),
    seed=st.integers(0, 2**32 - 1),
    classes=st.one_of(st.none(), st.integers(1, 4)),
)
def test_folds_hold_every_row_out_once(rows: list[int], count: int, seed: int, classes: int | None) -> None:
    labels = None if classes is None else np.arange(100) % classes
    if labels is not None and np.unique(labels[rows], return_counts=True)[1].min() < count:
        with pytest.raises(DataError, match="fewer than"):
            folds(np.array(rows), folds=count, seed=seed, labels=labels)
        return
    made, _ = folds(np.array(rows), folds=count, seed=seed, labels=labels)
    assert len(made) == count
    assert sorted(np.concatenate([fold.held_out for fold in made]).tolist()) == sorted(rows)
    for fold in made:
        assert sorted([*fold.train.tolist(), *fold.held_out.tolist()]) == sorted(rows)


@settings(deadline=None, max_examples=60)
@given(groups=st.lists(st.integers(0, 5), min_size=6, max_size=60), count=st.integers(2, 6))
def test_folds_keep_groups_together(groups: list[int], count: int) -> None:
    distinct = len(set(groups))
    count = min(count, distinct)
    if count < 2:
        return
    array = np.array(groups)
    for fold in folds(np.arange(len(groups)), folds=count, groups=array)[0]:
        assert not set(array[fold.train]) & set(array[fold.held_out])


@settings(deadline=None, max_examples=60)
@given(
    groups=st.lists(st.integers(0, 9), min_size=10, max_size=80),
    test=st.floats(0.05, 0.4),
    validation=st.floats(0.05, 0.4),
    seed=st.integers(0, 2**32 - 1),
)
def test_split_keeps_groups_together(groups: list[int], test: float, validation: float, seed: int) -> None:
    array = np.array(groups)
    if len(set(groups)) < 5:  # too few for three parts, which a test of its own holds
        return
    made = split(len(groups), validation=validation, test=test, seed=seed, groups=array)
    parts = [made.train, made.validation, made.test]
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(groups)))
    assert sum(len(set(array[part])) for part in parts) == len(set(groups))
    assert all(len(part) for part in parts)
