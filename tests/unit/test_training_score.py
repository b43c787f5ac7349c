"""Scores are those of Keras; floors are what the textbook says of an answer that does not look."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnrun import experiment
from nnrun.config import load_config
from nnrun.config.config import TargetSpec
from nnrun.config.spec import Spec
from nnrun.data.target import Target
from nnrun.model import framework
from nnrun.runs.run import Run
from nnrun.tasks import Facts, get
from nnrun.training.answers import Answer
from nnrun.training.score import floor, probabilities, score

LAYERS = "layers: [{Dense: {units: 4, activation: relu, kernel_regularizer: {L2: 0.1}}}]"


def trained(folder: Path, target: str, model: str, more: str = "", **arrays: Any) -> Run:
    """A run of two epochs on forty rows of three numbers."""
    generator = np.random.default_rng(0)
    np.savez(folder / "rows.npz", x=generator.normal(size=(40, 3)).astype(np.float32), **arrays)
    text = (
        f"data: {{source: {{npz: rows.npz}}, target: {target}, "
        "split: {validation: 0.2, test: 0.3, strategy: random}}\n"
        f"model: {{{model}}}\n{more}\nfit: {{epochs: 2}}\nreport: {{figures: [curves]}}\n"
    )
    (folder / "rows.yaml").write_text(text, encoding="utf-8")
    return experiment.train(load_config(folder / "rows.yaml"), experiment.Options(runs=folder / "runs"))


def evaluated(run: Run, part: str, y: Any) -> dict[str, float]:
    """What `model.evaluate` of the saved model says of the same rows."""
    model = framework.keras().saving.load_model(run.path / "model.keras")
    x = np.load(run.path.parents[1] / "rows.npz")["x"]
    rows = np.load(run.path / "splits.npz")[part]
    truth = {name: values[rows] for name, values in y.items()} if isinstance(y, Mapping) else y[rows]
    return {
        name: float(value)
        for name, value in model.evaluate(x[rows], truth, return_dict=True, verbose=0, batch_size=64).items()
    }


NUMBERS = np.random.default_rng(1).normal(size=40).astype(np.float32)
YES = np.arange(40) % 2
THREE = np.arange(40) % 3


@pytest.mark.parametrize(
    ("model", "values", "more"),
    [
        (LAYERS, NUMBERS, ""),
        (LAYERS, NUMBERS, "compile: {loss: Huber, metrics: [mae, {RootMeanSquaredError: {name: root}}]}"),
        (LAYERS, YES, ""),
        (LAYERS, YES, "compile: {metrics: [accuracy, AUC, {Precision: {thresholds: 0.3}}]}"),
        (LAYERS + ", outputs: {Dense: 1}", YES, ""),
        (LAYERS, THREE, ""),
        (LAYERS + ", outputs: {Dense: 3}", THREE, "compile: {metrics: [accuracy]}"),
    ],
    ids=["regression", "huber", "binary", "binary_metrics", "binary_logits", "multiclass", "multiclass_logits"],
)
def test_train_score_equals_keras_evaluate(tmp_path: Path, model: str, values: Any, more: str) -> None:
    """Loss (with the penalty of the weights) and metrics, on validation and test."""
    run = trained(tmp_path, "y", model, more, y=values)
    for part in ("validation", "test"):
        expected = evaluated(run, part, values)
        assert run.metrics[part] == pytest.approx(expected, rel=1e-4)


def test_train_score_equals_keras_evaluate_for_several_outputs(tmp_path: Path) -> None:
    model = LAYERS + ", outputs: {price: {Dense: 1}, sold: {Dense: {units: 1, activation: sigmoid}}}"
    more = "compile: {loss_weights: {price: 2, sold: 0.5}}"
    run = trained(tmp_path, "[price, sold]", model, more, price=NUMBERS, sold=YES)
    assert run.metrics["test"] == pytest.approx(evaluated(run, "test", {"price": NUMBERS, "sold": YES}), rel=1e-4)


def answer(task: str, target: Target, *, logits: bool = False, width: int | None = 1) -> Answer:
    """An output by the textbook."""
    facts = Facts(num_classes=target.num_classes, width=width, one_hot=target.one_hot, from_logits=logits)
    rules = get(task, facts)
    spec = TargetSpec("y", ("y",), target.one_hot)
    return Answer("y", target, rules, rules.loss, rules.metrics, (), logits, spec, "", width)


def classes(*names: str, one_hot: bool = False) -> Target:
    return Target("y", "classes", one_hot, names, names)


def floors(found: Answer, truth: Any, train: Any, shape: tuple[int, ...]) -> dict[str, dict[str, float]]:
    return floor({"y": found}, {"y": truth}, {"y": train}, {"y": np.zeros(shape, np.float32)}, {})


def test_train_score_floor_of_a_regression_is_the_training_mean() -> None:
    train, truth = np.array([[1.0], [3.0]], np.float32), np.array([[2.0], [4.0], [0.0]], np.float32)
    found = floors(answer("regression", Target("y", "number")), truth, train, (3, 1))
    assert found == {"mean": {"loss": pytest.approx(8 / 3), "mean_absolute_error": pytest.approx(4 / 3)}}


@pytest.mark.parametrize("logits", [False, True])
def test_train_score_floor_of_two_classes_is_their_share(logits: bool) -> None:
    """Three of four training rows are `yes`: the answer is 0.75, and the loss that of the test rows under it."""
    train, truth = np.array([1, 1, 1, 0], np.int32), np.array([1, 0], np.int32)
    found = floors(answer("binary", classes("no", "yes"), logits=logits), truth, train, (2, 1))
    loss = -(math.log(0.75) + math.log(0.25)) / 2
    assert found == {"majority": {"loss": pytest.approx(loss, rel=1e-5), "accuracy": 0.5}}


@pytest.mark.parametrize("logits", [False, True])
@pytest.mark.parametrize("one_hot", [False, True])
def test_train_score_floor_of_several_classes_is_their_shares(logits: bool, one_hot: bool) -> None:
    form: Any = np.eye(3, dtype=np.float32) if one_hot else np.arange(3, dtype=np.int32)
    train, truth = form[[0, 1, 1, 2]], form[[1, 1, 0, 2]]
    found = floors(answer("multiclass", classes("a", "b", "c", one_hot=one_hot), logits=logits), truth, train, (4, 3))
    loss = -(2 * math.log(0.5) + 2 * math.log(0.25)) / 4
    assert found == {"majority": {"loss": pytest.approx(loss, rel=1e-5), "accuracy": 0.5}}


def test_train_score_floor_of_a_multilabel_target_is_each_share() -> None:
    train = np.array([[1, 0], [1, 1], [1, 0], [0, 0]], np.float32)
    found = floors(answer("multilabel", Target("y", "number"), width=2), train, train, (4, 2))
    loss = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert found == {"mean": {"loss": pytest.approx(loss, rel=1e-5), "binary_accuracy": 0.75}}


def test_train_score_floor_of_one_hot_steps_is_the_share_of_those_that_count() -> None:
    """At the first step two of three that count are `b`; at the second one alone counts, `c`."""
    train = np.eye(3, dtype=np.float32)[[[1, 2], [1, 0], [2, 0], [0, 0]]]
    loss = Spec(
        "Masked", {"loss": Spec("CategoricalCrossentropy", {"from_logits": True}, slot="losses")}, slot="losses"
    )
    found = replace(answer("regression", Target("y", "number"), logits=True, width=None), loss=loss, metrics=())
    told = floors(found, train, train, (4, 2, 3))
    each = [2 * math.log(2 / 3), math.log(1 / 3), math.log(1.0)]
    assert told == {"mean": {"loss": pytest.approx(-sum(each) / 4, rel=1e-4)}}


def test_train_score_does_not_depend_on_how_many_rows_there_are_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = answer("multiclass", classes("a", "b", "c"))
    truth = np.arange(10, dtype=np.int32) % 3
    output = np.random.default_rng(0).dirichlet([1, 1, 1], size=10).astype(np.float32)
    whole = score({"y": found}, {"y": truth}, {"y": output}, {})
    monkeypatch.setattr("nnrun.training.score.BATCH", 4)
    assert score({"y": found}, {"y": truth}, {"y": output}, {}) == pytest.approx(whole, rel=1e-6)


def test_train_score_a_metric_of_several_numbers_is_written_by_class() -> None:
    target = classes("a", "b", one_hot=True)
    found = answer("multiclass", target)
    found = Answer(**{**vars(found), "metrics": (Spec("F1Score", {}, slot="metrics"),)})
    truth = np.eye(2, dtype=np.float32)[[0, 0, 1, 1]]
    output = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.4, 0.6]], np.float32)
    scores = score({"y": found}, {"y": truth}, {"y": output}, {})
    assert scores["f1_score_0"] == pytest.approx(2 / 3)
    assert scores["f1_score_1"] == pytest.approx(4 / 5)


def test_train_score_probabilities() -> None:
    two, three = classes("no", "yes"), classes("a", "b", "c")
    assert probabilities(answer("binary", two), np.array([[0.25]])) == pytest.approx(np.array([[0.75, 0.25]]))
    logit = np.array([[math.log(3)]])
    assert probabilities(answer("binary", two, logits=True), logit) == pytest.approx(np.array([[0.25, 0.75]]))
    logits = np.log([[0.2, 0.3, 0.5]]) + 100
    assert probabilities(answer("multiclass", three, logits=True), logits) == pytest.approx(np.array([[0.2, 0.3, 0.5]]))
    assert probabilities(answer("regression", Target("y", "number")), np.array([[0.25]])) is None
