"""How variables are parted among devices: which layout fits which variable, and what is told where none does."""

from __future__ import annotations

from typing import Any

import pytest

from nnrun.errors import Problem, Where
from nnrun.model.layout import axes_of, batch_axis, problems

MESH = {"batch": 2, "model": 4}
SHAPES = {"dense/kernel": (6, 8), "dense/bias": (8,), "label/kernel": (8, 3), "seed/state": (2,), "loss/scale": ()}


def told(layout: dict[str, Any]) -> list[Problem]:
    return problems(SHAPES, MESH, layout, lambda pattern: Where("a.yaml", list(layout).index(pattern) + 1, 1))


def test_model_layout_that_fits() -> None:
    layout: dict[str, Any] = {"dense/kernel": [None, "model"], ".*bias": ["model"], "label/.*": ["model", None]}
    assert told(layout) == []
    found = {path: axes_of(path, shape, MESH, layout) for path, shape in SHAPES.items()}
    assert found == {
        "dense/kernel": (None, "model"),
        "dense/bias": ("model",),
        "label/kernel": ("model", None),
        "seed/state": (None,),
        "loss/scale": (),
    }


def test_model_layout_a_path_goes_before_patterns() -> None:
    layout = {".*kernel": ["model", None], "dense/kernel": [None, "model"]}
    assert told(layout) == []
    assert axes_of("dense/kernel", (6, 8), MESH, layout) == (None, "model")


def test_model_layout_may_part_two_dimensions() -> None:
    assert told({"dense/kernel": ["batch", "model"]}) == []


@pytest.mark.parametrize(
    ("layout", "what", "expected", "hint"),
    [
        (
            {"conv.*": [None]},
            "the layout 'conv.*' matches no variable of the model",
            "a pattern for one of dense/kernel, dense/bias, label/kernel, seed/state, loss/scale",
            "",
        ),
        (
            {"bias": ["model"]},
            "the layout 'bias' matches no variable of the model",
            "a pattern for one of dense/kernel, dense/bias, label/kernel, seed/state, loss/scale",
            "a pattern covers the whole path of a variable: `.*bias`",
        ),
        (
            {"dense.*": [None, "model"]},
            "2 axes for dense/bias, of the shape [8]",
            "1 of them, null for a dimension that is not parted",
            "or a pattern that matches fewer variables, such as `.*kernel`",
        ),
        (
            {".*kernel": ["model"]},
            "1 axis for dense/kernel (and 1 more), of the shape [6, 8]",
            "2 of them, null for a dimension that is not parted",
            "",
        ),
        ({"loss/scale": ["model"]}, "1 axis for loss/scale, of the shape []", "none: it is a single number", ""),
        (
            {".*kernel": [None, "model"]},
            "label/kernel has the size 3 along dimension 1, which 4 devices along 'model' cannot part evenly",
            "a multiple of 4",
            "change that size in the model, part another dimension, or leave the variable out of the pattern",
        ),
    ],
)
def test_model_layout_that_does_not_fit(layout: dict[str, Any], what: str, expected: str, hint: str) -> None:
    assert told(layout) == [Problem(what, Where("a.yaml", 1, 1), expected, hint)]


def test_model_layout_of_two_patterns_for_a_variable() -> None:
    layout = {"dense/k.*": [None, "model"], ".*dense/kernel": [None, "model"]}
    what = "'.*dense/kernel' matches dense/kernel, and so does 'dense/k.*'"
    assert told(layout) == [Problem(what, Where("a.yaml", 2, 1), "one pattern for a variable")]
    assert axes_of("dense/kernel", (6, 8), MESH, layout) == (None, None)


def test_model_layout_tells_every_mistake() -> None:
    layout = {"conv.*": [None], "dense/bias": [None, "model"], "label/kernel": [None, "model"]}
    assert [str(problem.where) for problem in told(layout)] == ["a.yaml:1:1", "a.yaml:2:1", "a.yaml:3:1"]


def test_model_layout_rows_go_along_the_axis_called_batch() -> None:
    assert batch_axis({"model": 4, "batch": 2}) == "batch"
    assert batch_axis({"rows": 2, "model": 4}) == "rows"
