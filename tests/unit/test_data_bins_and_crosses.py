"""Numbers as bins, and categories that stand together as one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnrun.config import load_config
from nnrun.data.features import check_features, input_shape
from nnrun.data.preparations import cross, discretize
from nnrun.errors import DataError

FEATURES = """\
data:
  source: {csv: a.csv}
  target: sick
  features:
    - one_hot: sex
    - discretize: {columns: [age, height], num_bins: 5}
    - cross: {columns: [sex, age], crossing_dim: 16}
model: {layers: [{Dense: 1}]}
"""


def test_discretize_puts_as_many_rows_into_each_bin() -> None:
    values = np.array([[8.0, 1.0], [1.0, 2.0], [5.0, 3.0], [3.0, 4.0]])
    state = discretize.fit(values, num_bins=2)
    assert state["edges"].tolist() == [[4.0], [2.5]]
    assert discretize.apply(values, state).tolist() == [[0, 1, 1, 0], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 0, 1]]
    assert discretize.apply(np.array([[-100.0, 100.0]]), state).tolist() == [[1, 0, 0, 1]]


def test_cross_gives_equal_pairs_one_place_also_those_never_seen() -> None:
    values = np.array([["m", "40"], ["f", "40"], ["m", "40"], [None, "40"]], dtype=object)
    state = cross.fit(values, crossing_dim=1000)
    places = cross.apply(values, state).argmax(axis=1)
    assert places[0] == places[2]
    assert len({*places}) == 3
    new = np.array([["m40", ""]], dtype=object)  # the same letters, parted elsewhere
    assert cross.apply(new, state).argmax() not in places
    assert cross.apply(new, state).sum() == 1


def test_cross_may_look_at_columns_that_are_inputs_themselves(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(FEATURES)
    features = load_config(tmp_path / "a.yaml").data.features
    assert features is not None
    check_features(features)
    assert input_shape(features["table"][1:]) == (2 * 5 + 16,)


def test_cross_puts_many_numbers_into_bins_first() -> None:
    values = np.array([["m", str(age)] for age in (20, 30, 40, 50)] + [["f", "20"]], dtype=object)
    state = cross.fit(values, crossing_dim=1000, num_bins=2)
    assert state["edges"] == [[], [30.0]]
    places = cross.apply(values, state).argmax(axis=1)
    assert places[1] == places[2] == places[3]
    assert len({*places}) == 3
    strange = np.array([["m", None], ["m", "old"]], dtype=object)
    assert len({*cross.apply(strange, state).argmax(axis=1)}) == 1


def test_bins_and_places_are_at_least_enough() -> None:
    with pytest.raises(DataError, match="num_bins is 1"):
        discretize.fit(np.zeros((2, 1)), num_bins=1)
    with pytest.raises(DataError, match="crossing_dim is 0"):
        cross.fit(np.zeros((2, 1), dtype=object), crossing_dim=0)
