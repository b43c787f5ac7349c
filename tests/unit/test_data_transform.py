"""Targets that go through preparations: fitted on training rows, undone again, saved and loaded."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nnrun.config.config import TargetSpec
from nnrun.config.spec import Spec
from nnrun.data.dataset import Dataset
from nnrun.data.target import Target
from nnrun.data.transform import Transform, check_transform
from nnrun.errors import DataError

ROWS = np.arange(4)


def data() -> Dataset:
    return Dataset(
        6, pd.DataFrame({"price": [1.0, 2.0, 3.0, 4.0, 100.0, 5.0], "other": np.arange(6.0), "text": list("abcaab")})
    )


def spec(*steps: str | Spec, columns: tuple[str, ...] = ("price",), unit: str | None = None) -> TargetSpec:
    made = tuple(Spec(step, slot="preparations") if isinstance(step, str) else step for step in steps)
    return TargetSpec(columns[0], columns, steps=made, unit=unit)


@pytest.mark.parametrize("steps", [("normalize",), ("min_max",), ("log",), ("log", "normalize"), ("raw",)])
def test_transform_is_fitted_on_training_rows_and_undone(steps: tuple[str, ...]) -> None:
    fitted = Transform.fit(data(), ROWS, spec(*steps))
    changed = data()
    assert changed.columns is not None
    changed.columns.loc[4, "price"] = 7e6
    assert Transform.fit(changed, ROWS, spec(*steps)).save_data() == fitted.save_data()
    values = fitted.apply(data())
    assert values.shape == (6,)
    np.testing.assert_allclose(fitted.unapply(values), data().columns["price"], rtol=1e-5)  # type: ignore[index]


def test_transform_means_are_taken_in_the_unit_of_metrics() -> None:
    fitted = Transform.fit(data(), ROWS, spec("log", "normalize"))
    values = fitted.apply(data())
    assert fitted.unapply(fitted.mean(values)).item() == pytest.approx(data().columns["price"].mean(), rel=1e-5)  # type: ignore[index]
    both = Transform.fit(data(), ROWS, spec("normalize", columns=("price", "other")))
    means = both.unapply(both.mean(both.apply(data())))
    np.testing.assert_allclose(means, [[115 / 6, 2.5]], rtol=1e-5)


def test_transform_of_several_columns_and_of_windows() -> None:
    fitted = Transform.fit(data(), ROWS, spec("normalize", columns=("price", "other")))
    values = fitted.apply(data())
    np.testing.assert_allclose(fitted.unapply(values)[:, 1], np.arange(6.0), atol=1e-6)
    stacked = np.stack([values, values], axis=1)  # (windows, horizon, columns)
    np.testing.assert_allclose(fitted.unapply(stacked)[:, 1, 1], np.arange(6.0), atol=1e-6)


def test_transform_with_a_unit_is_not_undone() -> None:
    fitted = Transform.fit(data(), ROWS, spec(Spec("rescale", {"scale": 0.1}, slot="preparations"), unit="tens"))
    values = fitted.apply(data())
    assert values[4] == 10
    assert fitted.unapply(values) is values


def test_transform_survives_its_file() -> None:
    fitted = Transform.fit(data(), ROWS, spec("log", "normalize"))
    target = Target("price", "number", transform=fitted)
    loaded = Target.load(json.loads(json.dumps(target.save_data())))
    assert loaded.transform is not None
    assert loaded.transform.apply(data()).tobytes() == fitted.apply(data()).tobytes()
    assert loaded.unapply(np.zeros(2)).tolist() == target.unapply(np.zeros(2)).tolist()


def test_transform_of_text_has_a_vocabulary() -> None:
    text = Spec("text", {"split": "character"}, slot="preparations")
    fitted = Transform.fit(data(), ROWS, spec(text, columns=("text",)))
    assert fitted.apply(data()).tolist() == [[2], [4], [3], [2], [2], [4]]
    assert fitted.facts == {"vocabulary_size": 5, "length": 1}


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (spec("one_hot", columns=("text",)), "cannot be undone"),
        (spec(Spec("discretize", {"num_bins": 3}, slot="preparations")), "cannot be undone"),
        (spec(Spec("clip", {"maximum": 3}, slot="preparations")), "cannot be undone: clip"),
        (spec(Spec("clip", {"maximum": 3}, slot="preparations"), unit="at most 3"), None),
    ],
)
def test_transform_refuses_what_gives_no_target(target: TargetSpec, message: str | None) -> None:
    if message is None:
        check_transform(target)
        return
    with pytest.raises(DataError, match=message):
        check_transform(target)


def test_transform_log_of_zero_is_refused() -> None:
    zero: Any = data()
    zero.columns.loc[1, "price"] = 0.0
    with pytest.raises(DataError, match="the logarithm of 0, the column 'price' in row 1"):
        Transform.fit(zero, ROWS, spec("log")).apply(zero)
