from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, train_test_split

from nnrun.data.folds import folds
from nnrun.data.split import by_column, split
from nnrun.errors import DataError

LABELS = np.array([0, 1] * 20 + [2] * 20)


def same(left: Any, right: Any) -> bool:
    return bool(np.array_equal(left, right))


@pytest.mark.parametrize("labels", [None, LABELS])
@pytest.mark.parametrize("seed", [0, 7])
def test_split_equals_train_test_split_twice(labels: Any, seed: int) -> None:
    made = split(60, validation=0.15, test=0.2, seed=seed, labels=labels)
    rest, test = train_test_split(np.arange(60), test_size=0.2, random_state=seed, stratify=labels)
    train, validation = train_test_split(
        rest, test_size=9, random_state=seed, stratify=None if labels is None else labels[rest]
    )
    assert same(made.test, test)
    assert same(made.validation, validation)
    assert same(made.train, train)
    word = "random" if labels is None else "stratified"
    assert made.how == f"{word}, seed {seed}: 39 train, 9 validation, 12 test rows"


def test_split_counts_and_given_parts() -> None:
    made = split(20, validation=3, given={"test": np.array([2, 5])})
    assert made.test.tolist() == [2, 5]
    assert (len(made.train), len(made.validation)) == (15, 3)
    assert split(3).train.tolist() == [0, 1, 2]
    assert split(3).how == "not split: 3 train, 0 validation, 0 test rows"


def test_split_auto_says_why_it_is_not_stratified() -> None:
    labels = np.array(["a"] * 19 + ["b"])
    assert split(20, test=0.5, labels=labels).how.startswith(
        "random, since class b has 1 row, fewer than the 2 parts, seed 0"
    )
    with pytest.raises(DataError, match="cannot be stratified: class b has 1 row"):
        split(20, test=0.5, labels=labels, strategy="stratified")
    assert "a part of 2 rows cannot hold all 3 classes" in split(60, test=2, labels=LABELS).how


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"test": 1.0}, "the test part is 1.0 of 10 rows"),
        ({"validation": 1.5}, "the validation part is 1.5 of 10 rows"),
        ({"test": -1}, "the test part is -1 of 10 rows"),
        ({"test": True}, "the test part is True of 10 rows"),
        ({"test": 6, "validation": 0.4}, "of 10 rows 6 test + 4 validation would leave none"),
        ({"given": {"test": np.arange(10)}}, "of 0 rows none would leave none"),
        ({"given": {"test": np.array([1])}, "test": 2}, "the test part is given by the data (1 rows)"),
        ({"given": {"test": np.array([1]), "validation": np.array([1])}}, "a row is in two parts"),
        ({"given": {"test": np.array([10])}}, "names row 10 of 10 rows"),
        ({"given": {"rest": np.array([1])}}, "'rest' is not a part"),
        ({"strategy": "stratified"}, "needs classes"),
        ({"strategy": "sorted"}, "no split strategy 'sorted'"),
    ],
)
def test_split_refusals_have_counts(settings: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        split(10, **settings)
    assert message in str(caught.value)


def test_by_column_gives_rows_of_parts() -> None:
    given = by_column(np.array([1, 4, 5, 4]), {"validation": [4], "test": [5]})
    assert {name: rows.tolist() for name, rows in given.items()} == {"validation": [1, 3], "test": [2]}
    assert by_column(["x", "y"], {"test": ["y"]})["test"].tolist() == [1]
    with pytest.raises(DataError, match="no row has the value '9'"):
        by_column([1, 2], {"test": [9]})
    with pytest.raises(DataError, match="'2' is in the validation and in the test part"):
        by_column([1, 2], {"validation": [2], "test": [2]})
    with pytest.raises(DataError, match="'rest' is not a part"):
        by_column([1, 2], {"rest": [2]})


@pytest.mark.parametrize("strategy", ["random", "stratified", "group"])
def test_folds_equal_sklearn(strategy: Any) -> None:
    rows = np.random.default_rng(0).permutation(60)[:50]
    groups = np.arange(60) // 4
    made, how = folds(rows, folds=4, strategy=strategy, seed=3, labels=LABELS, groups=groups)
    splitter, extra = {
        "random": (KFold(4, shuffle=True, random_state=3), {}),
        "stratified": (StratifiedKFold(4, shuffle=True, random_state=3), {"y": LABELS[rows]}),
        "group": (GroupKFold(4), {"groups": groups[rows]}),
    }[strategy]
    for fold, (train, held_out) in zip(made, splitter.split(rows, **extra), strict=True):
        assert same(fold.train, rows[train])
        assert same(fold.held_out, rows[held_out])
    expected = {
        "random": "random, 4 folds, seed 3",
        "stratified": "stratified, 4 folds, seed 3",
        "group": f"by group ({len(np.unique(groups[rows]))} groups), 4 folds",
    }
    assert how == expected[strategy]


def test_folds_auto_says_what_it_took() -> None:
    rows = np.arange(60)
    assert folds(rows, folds=3, labels=LABELS, groups=rows // 6)[1] == "by group (10 groups), 3 folds"
    assert folds(rows, folds=3, labels=LABELS)[1] == "stratified, 3 folds, seed 0"
    assert folds(rows, folds=3)[1] == "random, 3 folds, seed 0"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"folds": 1}, "1 folds of 6 rows"),
        ({"folds": 7}, "7 folds of 6 rows"),
        ({"folds": 3, "strategy": "group", "groups": np.array([1, 1, 1, 2, 2, 2])}, "3 folds of 2 groups"),
        ({"folds": 3, "strategy": "group"}, "need groups"),
        ({"folds": 3, "strategy": "stratified"}, "need classes"),
        ({"folds": 3, "labels": np.array(list("aaaabb"))}, "class b has 2 rows, fewer than 3 folds"),
        (
            {"folds": 3, "strategy": "stratified", "labels": np.array(list("aaaabb"))},
            "class b has 2 rows, fewer than 3 folds",
        ),
        ({"folds": 3, "strategy": "sorted"}, "no fold strategy 'sorted'"),
    ],
)
def test_folds_refusals_have_counts(settings: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        folds(np.arange(6), **settings)
    assert message in str(caught.value)
