"""Our draws against scikit-learn's, index for index."""

from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from nnrun.data import sampling
from nnrun.errors import DataError

SEEDS = st.integers(0, 2**32 - 1)
LABELS = st.one_of(
    st.lists(st.integers(-2, 3), min_size=8, max_size=90),
    st.lists(st.sampled_from(["b", "a", "10", "9", "ä"]), min_size=8, max_size=90),
)


@settings(deadline=None, max_examples=100)
@given(size=st.integers(3, 200), share=st.floats(0, 1), seed=SEEDS)
def test_sampling_part_equals_train_test_split(size: int, share: float, seed: int) -> None:
    count = 1 + int(share * (size - 2))
    for ours, theirs in zip(
        sampling.part(size, count, seed),
        train_test_split(np.arange(size), test_size=count, random_state=seed),
        strict=True,
    ):
        assert ours.tolist() == theirs.tolist()


@settings(deadline=None, max_examples=200)
@given(labels=LABELS, share=st.floats(0, 1), seed=SEEDS)
def test_sampling_stratified_part_equals_train_test_split(labels: list[int | str], share: float, seed: int) -> None:
    """Or both refuse."""
    array, count = np.array(labels), 1 + int(share * (len(labels) - 2))
    try:
        theirs = train_test_split(np.arange(len(labels)), test_size=count, random_state=seed, stratify=array)
    except ValueError:
        with pytest.raises(DataError):
            sampling.stratified_part(array, count, seed)
        return
    for our_part, their_part in zip(sampling.stratified_part(array, count, seed), theirs, strict=True):
        assert our_part.tolist() == their_part.tolist()


@settings(deadline=None, max_examples=100)
@given(size=st.integers(8, 200), count=st.integers(2, 8), seed=SEEDS)
def test_sampling_folds_equal_kfold(size: int, count: int, seed: int) -> None:
    numbers = sampling.folds(size, count, seed)
    pairs = KFold(count, shuffle=True, random_state=seed).split(numbers)
    for number, (train, held_out) in enumerate(pairs):
        assert np.flatnonzero(numbers == number).tolist() == held_out.tolist()
        assert np.flatnonzero(numbers != number).tolist() == train.tolist()


@settings(deadline=None, max_examples=200)
@given(labels=LABELS, count=st.integers(2, 8), seed=SEEDS)
def test_sampling_stratified_folds_equal_stratifiedkfold(labels: list[int | str], count: int, seed: int) -> None:
    array = np.array(labels)
    if np.unique(array, return_counts=True)[1].max() < count:  # scikit-learn refuses, and `folds` before it
        return
    numbers = sampling.stratified_folds(array, count, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class with fewer rows than folds, which `folds` refuses
        pairs = list(StratifiedKFold(count, shuffle=True, random_state=seed).split(array, array))
    for number, (_, held_out) in enumerate(pairs):
        assert np.flatnonzero(numbers == number).tolist() == held_out.tolist()


def test_sampling_needs_no_scikit_learn() -> None:
    code = """
import sys
import numpy as np
from nnrun.data.folds import folds
from nnrun.data.split import split
from nnrun.studies.statistics import corrected_interval
labels = np.arange(40) % 3
for classes in (None, labels):
    split(40, validation=8, test=8, labels=classes)
    folds(np.arange(40), folds=4, labels=classes)
corrected_interval(0.5, 0.1, 4, 0.25)
print(*sorted({"sklearn", "scipy.stats"} & set(sys.modules)))
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "\n"
