"""predictions.csv: a row for each held-out row, in the words of the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from nnrun.config.config import TargetSpec
from nnrun.data.target import Target
from nnrun.tasks import Facts, get
from nnrun.training.answers import Answer
from nnrun.training.job import Part
from nnrun.training.predictions import write_predictions
from nnrun.training.recorder import Recorder


class Files:
    """What a recorder was asked to write."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Any]] = {}
        self.stored: dict[str, list[str]] = {}

    def table(self, name: str, columns: Sequence[str], blocks: Iterable[Iterable[Sequence[Any]]]) -> None:
        self.tables[name] = [list(columns), *(list(row) for block in blocks for row in block)]

    def arrays(self, name: str, arrays: Mapping[str, Any]) -> None:
        self.stored[name] = sorted(arrays)


def answer(name: str, task: str, *classes: str, one_hot: bool = False) -> Answer:
    target = Target(name, "classes" if classes else "number", one_hot, classes, classes)
    rules = get(task, Facts(num_classes=target.num_classes, one_hot=one_hot))
    spec = TargetSpec(name, (name,), one_hot)
    return Answer(name, target, rules, rules.loss, rules.metrics, (), False, spec, "", 1)


def written(answers: Sequence[Answer], parts: Sequence[Part]) -> Files:
    files = Files()
    named = {found.output: found for found in answers}
    write_predictions(cast(Recorder, files), named, parts)
    return files


def part(name: str, rows: Sequence[int], truth: Any, output: Any, fold: int | None = None) -> Part:
    return Part(name, fold, np.array(rows), {"y": np.array(truth)}, {"y": np.array(output, np.float32)})


def test_train_predictions_of_numbers() -> None:
    parts = [part("validation", [7], [[1.5]], [[1.0]]), part("test", [3, 0], [[2.0], [0.5]], [[2.25], [0.75]])]
    assert written([answer("y", "regression")], parts).tables["predictions.csv"] == [
        ["row", "part", "fold", "target", "prediction"],
        [7, "validation", "", 1.5, 1.0],
        [3, "test", "", 2.0, 2.25],
        [0, "test", "", 0.5, 0.75],
    ]


def test_train_predictions_of_classes_have_a_probability_each() -> None:
    found = answer("y", "multiclass", "a", "b", "c")
    parts = [part("test", [4], np.array([2], np.int32), [[0.5, 0.25, 0.25]])]
    assert written([found], parts).tables["predictions.csv"] == [
        ["row", "part", "fold", "target", "prediction", "p_a", "p_b", "p_c"],
        [4, "test", "", "c", "a", 0.5, 0.25, 0.25],
    ]


def test_train_predictions_of_one_unit_cut_at_one_half() -> None:
    found = answer("y", "binary", "no", "yes")
    parts = [part("test", [0, 1, 2], np.array([1, 0, 1], np.int32), [[0.75], [0.25], [0.5]])]
    rows = written([found], parts).tables["predictions.csv"][1:]
    assert [row[3:] for row in rows] == [["yes", "yes", 0.25, 0.75], ["no", "no", 0.75, 0.25], ["yes", "no", 0.5, 0.5]]


def test_train_predictions_of_a_one_hot_target() -> None:
    found = answer("y", "multiclass", "a", "b", one_hot=True)
    parts = [part("test", [0], np.array([[0, 1]], np.float32), [[0.25, 0.75]])]
    assert written([found], parts).tables["predictions.csv"][1][3:5] == ["b", "b"]


def test_train_predictions_of_folds_tell_their_fold() -> None:
    parts = [part("held_out", [1], [[1.0]], [[1.0]], 1), part("held_out", [0], [[2.0]], [[2.0]], 2)]
    rows = written([answer("y", "regression")], parts).tables["predictions.csv"][1:]
    assert [row[:3] for row in rows] == [[1, "held_out", 1], [0, "held_out", 2]]


def test_train_predictions_of_several_outputs_name_theirs() -> None:
    """Classes of one output have no probability in the rows of another."""
    parts = [
        Part(
            "test",
            None,
            np.array([5]),
            {"price": np.array([[9.0]]), "sold": np.array([1], np.int32)},
            {"price": np.array([[8.0]], np.float32), "sold": np.array([[0.25]], np.float32)},
        )
    ]
    found = written([answer("price", "regression"), answer("sold", "binary", "no", "yes")], parts)
    assert found.tables["predictions.csv"] == [
        ["output", "row", "part", "fold", "target", "prediction", "p_no", "p_yes"],
        ["price", 5, "test", "", 9.0, 8.0, "", ""],
        ["sold", 5, "test", "", "yes", "no", 0.75, 0.25],
    ]


def test_train_predictions_that_are_no_scalar_go_to_arrays() -> None:
    found = written([answer("y", "regression")], [part("test", [0], [[1.0, 2.0]], [[1.0, 2.0]])])
    assert (found.tables, found.stored) == ({}, {"predictions.npz": ["test/0/y"]})
