"""Parts by time, with gaps, and parts by hash, which a row keeps."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import TimeSeriesSplit

from nnrun.config import Config
from nnrun.config.loader import load_text
from nnrun.config.read import read
from nnrun.data import hash_split, time_split
from nnrun.data.dataset import Dataset
from nnrun.data.files import Roots
from nnrun.data.folds import folds, inner_part
from nnrun.data.sources import read as read_source
from nnrun.data.split import split
from nnrun.data.times import time_column
from nnrun.errors import DataError
from nnrun.studies.plan import plan
from nnrun.training.division import divide


def lists(parts: Any) -> dict[str, list[int]]:
    return {name: rows.tolist() for name, rows in parts.items()}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"validation": 0.2, "test": 0.2}, [range(6), range(6, 8), range(8, 10)]),
        ({"validation": 2, "test": 3, "gap": 1}, [range(3), range(4, 6), range(7, 10)]),
        ({"train": 3, "validation": 2, "test": 2, "gap": 1}, [range(3), range(4, 6), range(7, 9)]),
        ({"train": 0.5, "validation": 0.25, "test": 0.25}, [range(5), range(5, 7), range(7, 9)]),
        ({"test": 2, "times": np.arange(10)[::-1]}, [range(9, 1, -1), [], [1, 0]]),
        ({"test": 2, "times": np.array([1, 1, 2, 2, 3, 3, 4, 4, 4, 5])}, [range(6), [], range(6, 10)]),
    ],
)
def test_time_parts_follow_each_other(asked: dict[str, Any], expected: list[Any]) -> None:
    found = lists(time_split.parts(10, **asked))
    assert found == dict(zip(("train", "validation", "test"), map(list, expected), strict=True))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            {"validation": 2, "test": 3, "gap": 3},
            "of 10 rows 2 validation + 3 test + 3 of a gap + 3 of a gap would leave",
        ),
        ({"train": 8, "validation": 2, "test": 2}, "8 train + 2 validation + 2 test would leave too few"),
        ({"test": 2, "times": np.ones(10)}, "rows of one time stay together, and 10 rows have 1 different"),
        ({"test": 1.5}, "the test part is 1.5 of 10 rows"),
    ],
)
def test_time_parts_are_refused_with_counts(asked: dict[str, Any], told: str) -> None:
    with pytest.raises(DataError) as caught:
        time_split.parts(10, **asked)
    assert told in str(caught.value)


@settings(deadline=None, max_examples=200)
@given(
    times=st.lists(st.integers(0, 12), min_size=3, max_size=40),
    validation=st.integers(0, 8),
    test=st.integers(0, 8),
    gap=st.integers(0, 4),
    train=st.one_of(st.none(), st.integers(1, 20)),
)
def test_time_parts_never_meet(times: list[int], validation: int, test: int, gap: int, train: int | None) -> None:
    at = np.array(times)
    try:
        found = time_split.parts(len(at), at, train=train, validation=validation, test=test, gap=gap)
    except DataError:
        return
    order = np.argsort(at, kind="stable").tolist()
    present = [rows for rows in found.values() if len(rows)]
    for before, after in pairwise(present):
        assert at[before].max() < at[after].min()
        assert order.index(after[0]) - order.index(before[-1]) > gap
    together = np.concatenate(present)
    assert len(set(together.tolist())) == len(together)


@pytest.mark.parametrize("gap", [0, 3])
def test_time_folds_are_those_of_scikit_learn(gap: int) -> None:
    times = np.random.default_rng(1).permutation(40)
    made, how = folds(np.arange(40), folds=4, strategy="time", times=times, gap=gap)
    order = np.argsort(times)
    theirs = [(order[a].tolist(), order[b].tolist()) for a, b in TimeSeriesSplit(4, gap=gap).split(order)]
    assert [(fold.train.tolist(), fold.held_out.tolist()) for fold in made] == theirs
    assert "8 first rows never held out" in how
    train, inner = inner_part(made[-1].train, share=0.25, like=how, times=times, gap=gap)
    assert times[train].max() + gap < times[inner].min()
    assert {*train.tolist(), *inner.tolist()} <= set(made[-1].train.tolist())


def test_time_folds_leave_out_the_time_at_which_they_begin() -> None:
    times = np.array([0, 0, 1, 1, 2, 2, 2, 3, 3])
    for fold in folds(np.arange(9), folds=2, strategy="time", times=times)[0]:
        assert times[fold.train].max() < times[fold.held_out].min()


def test_time_folds_are_refused_with_counts() -> None:
    with pytest.raises(DataError, match="4 folds by time of 10 rows hold out 2 each, and a gap of 2 leaves none"):
        folds(np.arange(10), folds=4, strategy="time", gap=2)
    with pytest.raises(DataError, match="fold 1 has no training row before"):
        folds(np.arange(10), folds=4, strategy="time", times=np.array([0] * 5 + [1] * 5))


def table(**columns: Any) -> Dataset:
    found = pd.DataFrame(columns)
    return Dataset(len(found), found, lines=np.arange(2, 2 + len(found)), files=(Path("a.csv"),))


def test_time_column_reads_numbers_and_dates() -> None:
    assert time_column(table(t=[3, 1.5]), "t").tolist() == [3, 1.5]
    for first, second in (
        ("2024-02-01", "2024-01-31 12:00"),
        ("01.02.2024", "31.01.2024"),
        ("02/01/2024", "01/31/2024"),
    ):
        assert np.argsort(time_column(table(t=[first, second]), "t")).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["2024-01-01", None, "2024-01-03"], "the time column 't' is blank in line 3"),
        (["2024-01-01", "soon"], "the time column 't' holds 'soon', which is no date, in line 3"),
        (["01.02.2024", "03.04.2024"], "such as '01.02.2024', may begin with the day or with the month"),
    ],
)
def test_time_column_that_cannot_be_read_is_refused(values: list[Any], told: str) -> None:
    with pytest.raises(DataError) as caught:
        time_column(table(t=values), "t")
    assert told in str(caught.value)


def config(split: str, cv: str = "{}") -> Config:
    text = f"data: {{source: {{csv: x.csv}}, target: y, split: {split}}}\nmodel: {{layers: [{{Dense: 2}}]}}\ncv: {cv}\n"
    found, problems = read(load_text(text.encode(), "config.yaml"), folder=Path(), written=b"")
    assert found is not None
    assert problems == []
    return found


def rows(count: int = 200) -> Dataset:
    drawn = np.random.default_rng(3)
    return table(name=[f"n{number}" for number in range(count)], t=drawn.permutation(count), y=drawn.normal(size=count))


def test_hash_a_row_keeps_its_part_when_rows_are_added_and_taken_away() -> None:
    more, written = rows(), config("{strategy: hash, column: name, validation: 0.2, test: 0.2}")
    names = more.columns["name"].to_numpy()  # type: ignore[index]
    part_of = {
        names[row]: part for part in ("train", "validation", "test") for row in getattr(divide(written, more), part)
    }
    assert more.columns is not None
    fewer = Dataset(90, more.columns.iloc[150:60:-1].reset_index(drop=True))
    found = divide(written, fewer)
    for part in ("train", "validation", "test"):
        for row in getattr(found, part):
            assert part_of[fewer.columns["name"][row]] == part  # type: ignore[index]
    assert 20 <= len(divide(written, more).test) <= 60
    assert len(part_of) == 200


@pytest.mark.parametrize("change", ["{strategy: hash, test: 0.2}", "{strategy: hash, column: y, test: 0.2}"])
def test_hash_of_equal_rows_is_one_part(change: str) -> None:
    whole = rows()
    assert whole.columns is not None
    twice = Dataset(400, pd.concat([whole.columns, whole.columns], ignore_index=True))
    found = divide(config(change), twice)
    assert set((found.test % 200).tolist()).isdisjoint((found.train % 200).tolist())


def test_hash_of_pictures_is_by_folder_and_name_and_of_arrays_by_all_they_hold() -> None:
    names = [Path(f"data/{number % 2}/{number}.png") for number in range(20)]
    pictures = Dataset(20, arrays={"image": np.zeros((20, 2, 2))}, files=tuple(names))
    assert hash_split.keys(pictures, None)[0].tolist()[3] == b"1/3.png"
    arrays = np.arange(20.0).reshape(10, 2) % 6
    keys, what = hash_split.keys(Dataset(10, arrays={"x": arrays}, targets={"y": np.zeros(10)}), None)
    assert (len(set(keys)), what) == (3, "whole row")


def test_hash_other_seeds_give_other_parts_and_none_is_refused() -> None:
    keys = np.array([f"{number}".encode() for number in range(100)], dtype=object)
    found = [lists(hash_split.parts(keys, test=0.3, seed=seed))["test"] for seed in (0, 0, 1)]
    assert found[0] == found[1] != found[2]
    with pytest.raises(DataError, match="by hash no row of 3 is in the validation part: they have 1 different values"):
        hash_split.parts(np.array([b"a"] * 3, dtype=object), validation=0.01)


def test_split_lists_of_train_leave_the_other_rows_out() -> None:
    data = table(fold=[0, 1, 2, 3] * 5, y=np.arange(20.0))
    found = divide(config("{column: fold, train: [0, 1], test: [3]}"), data)
    assert found.how.endswith("10 train, 0 validation, 5 test rows, 5 left out")
    assert set((found.train % 4).tolist()) == {0, 1}
    drawn = divide(config("{column: fold, train: [0, 1], test: [3], validation: 0.2}"), data)
    assert (len(drawn.train), len(drawn.validation)) == (8, 2)


def test_split_group_serves_the_folds_and_cv_group_the_split() -> None:
    data = table(person=np.arange(60) // 4, y=np.arange(60.0))
    for written in (
        config("{test: 0.2, validation: 0.2, group: person}"),
        config("{test: 0.2, validation: 0.2}", "{group: person}"),
    ):
        parts, planned = divide(written, data), plan(written, data)
        people = [set((rows // 4).tolist()) for rows in (parts.train, parts.validation, parts.test)]
        assert sum(map(len, people)) == 15
        assert planned.how.startswith("by group (12 groups)")
    hashed = divide(config("{test: 0.3, strategy: hash, group: person}"), data)
    assert set((hashed.test // 4).tolist()).isdisjoint((hashed.train // 4).tolist())


def test_split_groups_in_two_given_parts_are_refused() -> None:
    with pytest.raises(DataError, match="1 group, such as 1, have rows in the train and in the test part"):
        split(6, given={"test": np.array([3, 4, 5])}, groups=np.array([0, 0, 1, 1, 2, 2]))


@pytest.mark.parametrize("cv", ["{}", "{strategy: time}"])
def test_folds_are_by_time_where_the_split_is_and_the_test_part_lies_last(cv: str) -> None:
    data, asked = rows(), "{strategy: time, column: t, test: 40, gap: 5}" if cv == "{}" else "{test: 40}"
    planned = plan(config(asked, cv), data)
    times = data.columns["t"].to_numpy() if cv == "{}" else np.arange(200)  # type: ignore[index]
    assert planned.how.startswith("by time, 5 folds")
    for fold in planned.splits:
        assert times[fold.train].max() < times[fold.test].min() <= times[fold.test].max() < times[planned.test].min()


def test_hash_of_a_table_in_files_is_that_of_one_in_memory(tmp_path: Path) -> None:
    rows().columns.to_csv(tmp_path / "x.csv", index=False)  # type: ignore[union-attr]
    held, on_disk = (read_source("csv", {"path": "x.csv"}, Roots(tmp_path), stream=stream) for stream in (False, True))
    first, second = (hash_split.keys(dataset, None)[0].tolist() for dataset in (held, on_disk))
    assert first == second
