"""Rows that a config cannot use are known before any row is drawn."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nnrun.config import load_config
from nnrun.data.bad import BadRow
from nnrun.data.dataset import Dataset
from nnrun.data.screening import Wanted, screen
from nnrun.errors import DataError
from nnrun.training.usable import usable


def dataset(columns: dict[str, list[Any]], *, lines: bool = True, **fields: Any) -> Dataset:
    size = len(next(iter(columns.values())))
    numbers = np.arange(2, size + 2) if lines else None
    return Dataset(size, columns=pd.DataFrame(columns), lines=numbers, files=(Path("t.csv"),), **fields)


HOUSES: dict[str, list[Any]] = {
    "area": ["1", "x", "3", "inf", "5", "6"],
    "rooms": [1.0, 2.0, float("nan"), 4.0, 1e39, 6.0],
    "city": ["a", "b", "c", "d", "e", None],
    "price": [1.0, 2.0, 3.0, 4.0, 5.0, None],
}
WANTED = Wanted(["area", "rooms"], [], {"price": "number"})


@pytest.mark.parametrize("lines", [True, False])
def test_screening_leaves_out_what_is_no_number(lines: bool) -> None:
    found = screen(dataset(HOUSES, lines=lines), WANTED, "skip")
    assert found.columns is not None
    assert found.lines is not None
    assert found.columns["area"].tolist() == [1, 3]  # and is a column of numbers now
    assert found.lines.tolist() == ([2, 4] if lines else ["row 0", "row 2"])
    assert [(bad.row, bad.column, bad.what, bad.value) for bad in found.bad] == [
        (1 + 2 * lines, "area", "the column 'area' holds the text 'x'", "x"),
        (3 + 2 * lines, "area", "the column 'area' is infinite", "inf"),
        (4 + 2 * lines, "rooms", "the column 'rooms' holds 1e+39, too large a number", "1e+39"),
        (5 + 2 * lines, "price", "the target 'price' is blank", ""),
    ]


def test_screening_refuses_the_first_row_with_its_place() -> None:
    with pytest.raises(DataError, match=r"^t.csv:3:1: the column 'area' holds the text 'x'"):
        screen(dataset(HOUSES), WANTED, "fail")
    with pytest.raises(DataError, match=r"^t.csv: row 1: the column 'area' holds the text 'x'"):
        screen(dataset(HOUSES, lines=False), WANTED, "fail")


def test_screening_takes_blanks_for_bad_only_where_nothing_fills_them() -> None:
    data = dataset({"rooms": [1.0, float("nan")]})
    assert screen(data, Wanted(["rooms"]), "fail") is data
    with pytest.raises(DataError, match=r"t.csv:3:1: the column 'rooms' is blank"):
        screen(data, Wanted(["rooms"], ["rooms"]), "fail")


def test_screening_holds_classes_to_those_that_the_source_names() -> None:
    data = dataset({"kind": ["oak", "elm", "yew", None]}, classes={"kind": ("oak", "yew")})
    found = screen(data, Wanted(targets={"kind": "classes"}), "skip")
    assert [bad.what for bad in found.bad] == ["the target 'kind' holds 'elm'", "the target 'kind' is blank"]
    numbered = dataset({"kind": [0, 1, 1]}, classes={"kind": ("oak", "yew")})
    assert screen(numbered, Wanted(targets={"kind": "classes"}), "fail") is numbered


def test_screening_leaves_a_column_of_text_to_preparation() -> None:
    """Most cells are texts: the config is wrong, and not each of the rows."""
    data = dataset({"city": ["a", "b", "3"]})
    assert screen(data, Wanted(["city"]), "skip") is data


def test_screening_keeps_parts_and_what_was_left_out_before() -> None:
    before = (BadRow("t.csv", 9, "", "a cell too many"),)
    data = replace(dataset({"x": ["1", "?", "3", "4"]}), parts={"test": np.array([1, 3])}, bad=before)
    found = screen(data, Wanted(["x"]), "report")
    assert found.parts["test"].tolist() == [2]
    assert [bad.row for bad in found.bad] == [3, 9]


def test_screening_refuses_to_leave_nothing() -> None:
    with pytest.raises(DataError, match=r"no row can be used: all 2 were left out, the first: t.csv:2:1"):
        screen(dataset({"price": [None, None]}), Wanted(targets={"price": "number"}), "skip")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([f"{number}" for number in range(0, 300, 3)] + ["NA", "NA"], "number"),
        (["1.5", "2.5"] * 30 + ["?"], "number"),
        (["0", "1", "2"] * 30 + ["other"], "classes"),  # classes that are called by numbers
        (["7", "8"] * 50 + ["nine"] * 50, "classes"),
    ],
)
def test_screening_takes_numbers_with_a_few_texts_for_a_target_of_numbers(
    tmp_path: Path, values: list[str], kind: str
) -> None:
    (tmp_path / "air.yaml").write_text("data: {source: {csv: air.csv}, target: y}\nmodel: {layers: [{Dense: 2}]}\n")
    data = dataset({"x": list(range(len(values))), "y": values})
    config = load_config(tmp_path / "air.yaml")
    if kind == "classes":
        assert usable(config, data) is data
        return
    with pytest.raises(DataError, match=r"t.csv:\d+:1: the target 'y' holds the text '(NA|\?)'") as caught:
        usable(config, data)
    assert "na_values" in str(caught.value)
    assert "task: multiclass" in str(caught.value)
