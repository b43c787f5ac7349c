"""Sources that draw their rows: the same for a seed, as described, and refused where a setting means nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnrun.data.dataset import Dataset
from nnrun.data.files import Roots
from nnrun.data.sources import peek, read
from nnrun.data.sources.synthetic import _SETTINGS
from nnrun.errors import DataError

NOWHERE = Roots(Path("/"))


def made(source: str, **settings: Any) -> Dataset:
    """The rows; what a check was told before is true of them."""
    told, data = peek(source, settings, NOWHERE), read(source, settings, NOWHERE)
    assert data.columns is not None
    assert (told.columns, told.rows, told.target) == (tuple(data.columns.columns), data.size, data.target)
    again = read(source, settings, NOWHERE).columns
    assert again is not None
    assert data.columns.equals(again)
    if told.num_classes is not None:
        assert data.columns[data.target].nunique() == told.num_classes == len(data.classes[str(data.target)])
    return data


@pytest.mark.parametrize("make", sorted(_SETTINGS))
def test_made_up_tables_of_every_kind(make: str) -> None:
    data = made("synthetic", make=make, rows=101)
    assert data.columns is not None
    assert np.isfinite(data.columns.to_numpy(dtype=float)).all()
    other = read("synthetic", {"make": make, "rows": 101, "seed": 1}, NOWHERE).columns
    assert other is not None
    assert not data.columns.equals(other)


def test_made_up_tables_take_their_settings() -> None:
    for make, settings in (
        ("blobs", {"features": 5, "classes": 7}), ("classification", {"features": 4, "classes": 6}),
        ("spirals", {"classes": 5}), ("friedman", {"features": 5}), ("regression", {"features": 1}),
    ):  # fmt: skip
        data = made("synthetic", make=make, rows=200, **settings)
        assert data.columns is not None
        assert data.columns.shape[1] == settings.get("features", 2) + 1


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"make": "moons", "classes": 3}, "moons has no setting 'classes'"),
        ({"make": "friedman", "features": 4}, "features of friedman is 4"),
        ({"make": "blobs", "noise": -1.0}, "noise of blobs is -1.0"),
        ({"make": "blobs", "rows": 2}, "2 rows of blobs"),
    ],
)
def test_made_up_tables_refuse_what_means_nothing(settings: dict[str, Any], told: str) -> None:
    for ask in (peek, read):
        with pytest.raises(DataError, match=told):
            ask("synthetic", settings, NOWHERE)


def test_made_up_sums_are_right_and_each_once() -> None:
    data = made("addition", digits=2, rows=4_000)
    assert data.columns is not None
    pairs = set()
    for question, answer in zip(data.columns["question"], data.columns["answer"], strict=True):
        assert (len(question), len(answer)) == (5, 3)
        first, second = map(int, question[::-1].split("+"))
        assert first + second == int(answer)
        pairs.add((min(first, second), max(first, second)))
    assert len(pairs) == 4_000
    forward = read("addition", {"digits": 2, "rows": 4_000, "reverse": False}, NOWHERE).columns
    assert forward is not None
    assert [question[::-1] for question in forward["question"]] == data.columns["question"].tolist()
    with pytest.raises(DataError, match="sums of 1 digits"):
        read("addition", {"digits": 1, "rows": 50}, NOWHERE)


def test_made_up_waves() -> None:
    data = made("sine", rows=200, periods=[20, 8], noise=0.0, trend=0.5)
    assert data.columns is not None
    time = np.arange(200)
    waves = np.sin(2 * np.pi * time / 20) + np.sin(2 * np.pi * time / 8)
    assert np.allclose(data.columns["value"], 0.5 * time + waves)
    with pytest.raises(DataError, match="are no lengths"):
        peek("sine", {"periods": [0]}, NOWHERE)
