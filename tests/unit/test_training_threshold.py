"""Thresholds that are chosen are the best there are, and lie between two rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score, precision_score, recall_score

from nnrun.config import Config
from nnrun.config.config import TargetSpec
from nnrun.config.loader import load_text
from nnrun.config.predict import Maximize
from nnrun.config.read import read
from nnrun.config.spec import Spec
from nnrun.data.target import Target
from nnrun.errors import DataError
from nnrun.model.metrics import takes_answers
from nnrun.tasks import Facts, get
from nnrun.training import threshold
from nnrun.training.answers import Answer
from nnrun.training.monitors import chooses
from nnrun.training.readings import mean
from nnrun.training.readings import read as reading
from nnrun.training.score import answered, positives


def config(predict: str) -> Config:
    text = f"data: {{source: {{csv: x.csv}}, target: y}}\nmodel: {{layers: [{{Dense: 2}}]}}\npredict: {predict}\n"
    found, problems = read(load_text(text.encode(), "config.yaml"), folder=Path(), written=b"")
    assert found is not None
    assert problems == []
    return found


def answer(task: str, *, from_logits: bool = False) -> Answer:
    facts = Facts(num_classes=2 if task == "binary" else None, width=3, from_logits=from_logits)
    made = get(task, facts)
    target = (
        Target("y", "classes", classes=("no", "yes"), labels=("no", "yes"))
        if task == "binary"
        else Target("y", "number")
    )
    return Answer("y", target, made, made.loss, (), (), from_logits, TargetSpec("y", ("y",)), "", 1)


def best_by_hand(score: Any, true: Any, probability: Any) -> float:
    values = np.unique(probability)
    cuts = [values[0] / 2, *((values[1:] + values[:-1]) / 2)]
    return max(float(score(true, probability > cut)) for cut in cuts)


BY_HAND = {
    "f1": lambda t, p: f1_score(t, p, zero_division=0),
    "balanced_accuracy": balanced_accuracy_score,
    "youden": lambda t, p: 2 * balanced_accuracy_score(t, p) - 1,
    "{precision_at_recall: 0.7}": lambda t, p: precision_score(t, p) if recall_score(t, p) >= 0.7 else -1,
    "{recall_at_precision: 0.2}": lambda t, p: recall_score(t, p) if precision_score(t, p) >= 0.2 else -1,
}


@pytest.mark.parametrize("score", list(BY_HAND))
@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000), size=st.integers(4, 30))
def test_threshold_that_is_chosen_is_the_best_by_hand(score: str, seed: int, size: int) -> None:
    drawn = np.random.default_rng(seed)
    true = np.arange(size) % 3 == 0
    output = np.round(np.clip(drawn.random((size, 1)) * 0.6 + 0.3 * true[:, None], 0.01, 1), 2)  # with ties
    found = threshold.chosen(
        config(f"{{threshold: {{maximize: {score}}}}}"), {"y": answer("binary")}, {"y": true}, {"y": output}
    )
    value, of = found["y"].value, BY_HAND[score]
    reached = of(true, output[:, 0] > value)
    assert reached == pytest.approx(found["y"].chosen["reached"])
    assert reached == pytest.approx(best_by_hand(of, true, output[:, 0]))
    assert value not in output
    assert found["y"].chosen["rows"] == size


def test_threshold_of_several_labels_is_one_for_all() -> None:
    true = np.array([[0, 1, 0], [1, 1, 0], [0, 0, 1]], np.float32)
    output = np.where(true > 0, 0.3, 0.1).astype(np.float32)
    found = threshold.chosen(
        config("{threshold: {maximize: f1}}"), {"y": answer("multilabel")}, {"y": true}, {"y": output}
    )
    assert found["y"].value == pytest.approx(0.2)
    assert found["y"].chosen["reached"] == 1.0
    assert answered(answer("multilabel"), output, found["y"].value).tolist() == true.tolist()


def test_threshold_reads_logits_as_probabilities() -> None:
    output = np.array([[-2.0], [0.5]])
    assert positives(answer("binary", from_logits=True), output).tolist() == pytest.approx([0.119203, 0.622459])
    assert answered(answer("binary", from_logits=True), output, 0.1).tolist() == [[1.0], [1.0]]


def test_threshold_may_differ_from_row_to_row() -> None:
    output = np.array([[0.4], [0.4]])
    assert answered(answer("binary"), output, np.array([0.3, 0.5])).tolist() == [[1.0], [0.0]]


@pytest.mark.parametrize(
    ("predict", "true", "told"),
    [
        ("{maximize: f1}", [0, 0, 0], "of 3 answers of y in the 3 validation rows 0 are yes"),
        (
            "{maximize: {recall_at_precision: 0.9}}",
            [1, 0, 0],
            "no threshold has a precision of 0.9 on the 3 validation rows",
        ),
    ],
)
def test_threshold_that_cannot_be_chosen_is_refused_with_counts(predict: str, true: list[int], told: str) -> None:
    output = np.array([[0.1], [0.5], [0.9]])
    with pytest.raises(DataError) as caught:
        threshold.chosen(
            config(f"{{threshold: {predict}}}"), {"y": answer("binary")}, {"y": np.array(true)}, {"y": output}
        )
    assert told in str(caught.value)


def test_threshold_of_numbers_is_refused() -> None:
    with pytest.raises(DataError, match="a threshold, and the task is regression"):
        threshold.written(config("{threshold: 0.3}"), {"y": answer("regression")})


def test_threshold_is_read_back_and_chooses_only_where_it_is_chosen() -> None:
    found = threshold.written(config("{threshold: 0.3}"), {"y": answer("binary")})
    assert threshold.saved({"threshold": {name: one.to_data() for name, one in found.items()}}) == {"y": 0.3}
    assert threshold.saved({}) == {}
    assert [chooses(config(text)) for text in ("{}", "{threshold: 0.3}", "{threshold: {maximize: f1}}")] == [
        False,
        False,
        True,
    ]
    wanted = config("{threshold: {maximize: {precision_at_recall: 0.9}}}").predict
    assert wanted.threshold == Maximize("precision_at_recall", 0.9, where=wanted.threshold.where)  # type: ignore[union-attr]
    assert wanted.to_data() == {"threshold": {"maximize": {"precision_at_recall": 0.9}}}


def test_threshold_of_several_models_is_the_mean_of_theirs() -> None:
    output = np.array([[0.35], [0.45]])
    readings = [reading(answer("binary"), output, value) for value in (0.3, 0.5)]
    assert [one.chosen.tolist() for one in readings] == [[1, 1], [0, 0]]  # type: ignore[union-attr]
    together = mean(readings)
    assert together.threshold == pytest.approx(0.4)
    assert together.chosen is not None
    assert together.chosen.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("metric", "goes_by_it"),
    [
        (Spec("accuracy"), True),
        (Spec("acc"), True),
        (Spec("BinaryAccuracy"), True),
        (Spec("BinaryAccuracy", {"threshold": 0.7}), False),
        (Spec("Precision"), True),
        (Spec("Recall", {"thresholds": 0.2}), False),
        (Spec("F1Score"), True),
        (Spec("SparseCategoricalAccuracy"), True),
        (Spec("AUC"), False),
        (Spec("TopKCategoricalAccuracy"), False),
        (Spec("BinaryCrossentropy"), False),
        (Spec("mae"), False),
    ],
)
def test_threshold_serves_the_metrics_that_read_answers(metric: Spec, goes_by_it: bool) -> None:
    assert takes_answers(metric) is goes_by_it
