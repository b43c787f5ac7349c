"""Groups stay whole in every part, and what cannot be done with them is said with counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupShuffleSplit

from nnrun.data.dataset import Dataset
from nnrun.data.folds import folds, inner_part
from nnrun.data.groups import group_column
from nnrun.data.split import split
from nnrun.errors import DataError, Where


def patients(*values: Any) -> Dataset:
    return Dataset(len(values), pd.DataFrame({"patient": list(values)}), lines=np.arange(2, 2 + len(values)))


def test_groups_column_keeps_numbers_and_gives_text_else() -> None:
    assert group_column(patients(3, 1, 2), "patient").tolist() == [3, 1, 2]
    assert group_column(patients("b", "a"), "patient").tolist() == ["b", "a"]
    assert group_column(patients("b", 1, 2.0), "patient").tolist() == ["b", "1", "2"]


def test_groups_array_with_one_value_a_row_serves_too() -> None:
    arrays = {"person": np.array([3, 1, 2]), "series": np.zeros((3, 4))}
    assert group_column(Dataset(3, arrays=arrays), "person").tolist() == [3, 1, 2]
    with pytest.raises(DataError, match="the group column 'series' does not exist"):
        group_column(Dataset(3, arrays=arrays), "series")


@pytest.mark.parametrize("values", [("a", None, "b", None), (1.0, np.nan, 2.0, np.nan)])
def test_groups_column_with_blanks_is_refused_by_line(values: Any) -> None:
    with pytest.raises(DataError) as caught:
        group_column(patients(*values), "patient", Where("a.yaml", 4, 13))
    assert str(caught.value).splitlines()[0] == "a.yaml:4:13: the group column 'patient' is blank in line 3, line 5"


def test_groups_column_that_does_not_exist_is_refused() -> None:
    with pytest.raises(DataError, match="did you mean 'patient'"):
        group_column(patients(1, 2), "patent")
    with pytest.raises(DataError, match="a table"):
        group_column(Dataset(2), "patient")


def test_groups_split_equals_group_shuffle_split_twice() -> None:
    groups = np.arange(60) // 3
    made = split(60, validation=6, test=0.2, seed=7, labels=np.arange(60) % 2, groups=groups)
    rows = np.arange(60)
    rest, test = next(GroupShuffleSplit(1, test_size=4, random_state=7).split(rows, groups=groups))
    train, validation = next(GroupShuffleSplit(1, test_size=2, random_state=7).split(rest, groups=groups[rest]))
    assert made.test.tolist() == rows[test].tolist()
    assert made.validation.tolist() == rest[validation].tolist()
    assert made.train.tolist() == rest[train].tolist()
    assert made.how == "by group (20 groups), seed 7: 42 train, 6 validation, 12 test rows"


def test_groups_split_by_class_would_tear_them_apart() -> None:
    with pytest.raises(DataError, match="tear groups apart"):
        split(4, test=2, strategy="stratified", labels=np.array([0, 1, 0, 1]), groups=np.array([1, 1, 2, 2]))


def test_groups_too_few_for_a_part_are_counted() -> None:
    with pytest.raises(DataError) as caught:
        split(6, test=2, validation=1, groups=np.array([1, 1, 1, 2, 2, 2]))
    told = "1 of 3 rows for validation are of one group, and none is left to train on"
    assert str(caught.value).splitlines()[0] == told


def test_groups_inner_part_is_whole_groups_or_refused_with_counts() -> None:
    groups = np.repeat([1, 2, 3, 4], 5)
    made, how = folds(np.arange(20), folds=2, groups=groups)
    train, part = inner_part(made[0].train, share=0.1, like=how, groups=groups)
    assert (len(train), len(part), set(groups[train]) & set(groups[part])) == (5, 5, set())
    few, how = folds(np.arange(10), folds=2, groups=groups[:10])
    with pytest.raises(DataError, match="1 of 5 rows for validation are of one group"):
        inner_part(few[0].train, share=0.1, like=how, groups=groups)


@pytest.mark.parametrize(("share", "size"), [(4, 4), (0.1, 2), (1, 2), (7, 8)])
def test_groups_inner_part_of_a_number_of_rows_is_the_nearest_number_of_groups(share: float, size: int) -> None:
    groups = np.arange(20) // 2
    _, part = inner_part(np.arange(20), share=share, like="by group", groups=groups)
    assert len(part) == size
