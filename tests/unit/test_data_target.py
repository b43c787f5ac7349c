import json
from typing import Any

import numpy as np
import pytest

from nnrun.data.target import Target, kind_of
from nnrun.errors import DataError

LINES = np.arange(2, 8)
ROWS = np.array([0, 1, 2])


def test_target_text_classes_are_sorted_and_numbered() -> None:
    values = ["no", "yes", "no", "yes"]
    target = Target.fit("y", values, ROWS, "classes")
    assert (target.classes, target.num_classes) == (("no", "yes"), 2)
    assert target.apply(values).tolist() == [0, 1, 0, 1]
    assert target.apply(values).dtype == np.int32


def test_target_integer_classes_sort_by_value() -> None:
    target = Target.fit("y", np.array([10, 2, 10]), ROWS, "classes", one_hot=True)
    assert target.classes == ("2", "10")
    result = target.apply(np.array([[2.0], [10.0]]))
    assert result.dtype == np.float32
    assert result.tolist() == [[1, 0], [0, 1]]


def test_target_classes_of_the_source() -> None:
    numbers = Target.fit("y", np.array([2, 0, 2]), ROWS, "classes", classes=("cat", "dog", "eel"))
    assert numbers.classes == ("cat", "dog", "eel")
    assert numbers.apply(np.array([1, 2])).tolist() == [1, 2]
    text = Target.fit("y", ["bad", "good", "bad"], ROWS, "classes", classes=("good", "bad"))
    assert text.apply(["bad", "good"]).tolist() == [1, 0]
    with pytest.raises(DataError, match=r"holds '3' in row 1"):
        Target.fit("y", np.array([0, 3, 1]), ROWS, "classes", classes=("cat", "dog", "eel"))


def test_target_numbers_keep_their_width() -> None:
    assert Target.fit("y", [1, 2, 3], ROWS, "number").apply([1, 2]).tolist() == [[1.0], [2.0]]
    assert Target.fit("y", np.ones((3, 2)), ROWS, "number").apply(np.ones((3, 2))).shape == (3, 2)


@pytest.mark.parametrize("target", [
    Target.fit("y", ["a", "b", "a"], ROWS, "classes", one_hot=True),
    Target.fit("y", [1.5, 2.0, 3.0], ROWS, "number"),
])  # fmt: skip
def test_target_round_trip(target: Target) -> None:
    assert Target.load(json.loads(json.dumps(target.save_data()))) == target


def test_target_unseen_label_names_label_line_and_remedy() -> None:
    values = ["a", "b", "a", "c", "a", "c"]
    target = Target.fit("y", values, ROWS, "classes", lines=LINES)
    with pytest.raises(DataError) as caught:
        target.apply(values, LINES)
    text = str(caught.value)
    assert "the target 'y' holds the class 'c' in line 5, line 7, and no training row has it" in text
    assert "stratified" in text


@pytest.mark.parametrize(
    ("values", "kind", "message"),
    [
        (["a", None, "b"], "classes", "the target 'y' is blank in line 3"),
        ([1.0, 2.0, np.nan], "number", "the target 'y' is blank in line 4"),
        (["a", "a", "a"], "classes", "has one class only in the 3 training rows: a"),
        (["1", "x", "3"], "number", "holds the text 'x' in line 3"),
        ([1.0, np.inf, 3.0], "number", "is infinite in line 3"),
        (np.eye(3), "classes", "has 3 values in every row"),
    ],
)
def test_target_bad_values_are_named(values: Any, kind: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        Target.fit("y", values, ROWS, kind, lines=LINES)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a", "b"], "classes"),
        (np.array([True, False]), "classes"),
        ([0.5, 1.0], "number"),
        ([0, 1, 2, 1], "classes"),
        ([3, 7] * 20, "classes"),
        ([3, 7, 9, 11], "number"),
        (list(range(21)), "number"),
        ([5, 5, 5], "number"),
        (np.array([1, 2.5, None], dtype=object), "number"),
        (np.ones((4, 2)), "number"),
        (np.array([[0], [1]]), "classes"),
    ],
)
def test_target_kind_is_read_with_a_reason(values: Any, kind: str) -> None:
    found, reason = kind_of(values, "label")
    assert found == kind
    assert reason.startswith("label ")
