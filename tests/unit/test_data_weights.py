"""The weight of each row: read, and refused where it is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from nnrun.data.dataset import Dataset
from nnrun.data.weights import row_weights
from nnrun.errors import DataError, Where


def people(*weights: Any) -> Dataset:
    return Dataset(len(weights), columns=pd.DataFrame({"weight": weights}), lines=np.arange(2, 2 + len(weights)))


def test_weights_of_a_column_and_of_an_array() -> None:
    assert row_weights(people(0, 1.5, "2"), "weight").tolist() == [0, 1.5, 2]
    assert row_weights(Dataset(2, arrays={"weight": np.array([3, 4])}), "weight").tolist() == [3, 4]


@pytest.mark.parametrize("wrong", [-1, None, float("inf"), "much"])
def test_weights_that_are_none_are_refused_by_line(wrong: Any) -> None:
    with pytest.raises(DataError) as caught:
        row_weights(people(1, wrong), "weight", Where("a.yaml", 3, 11))
    assert str(caught.value).splitlines()[0] == "a.yaml:3:11: the weight 'weight' is no number from 0 in line 3"


def test_weights_that_do_not_exist_are_refused() -> None:
    with pytest.raises(DataError, match="did you mean 'weight'"):
        row_weights(people(1), "weigth")
    with pytest.raises(DataError, match="an array with one number a row"):
        row_weights(Dataset(1, arrays={"weight": np.zeros((1, 2))}), "weight")
