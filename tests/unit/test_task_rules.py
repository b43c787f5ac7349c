"""The textbook's rules of each task: head, loss, metrics."""

from __future__ import annotations

import pytest

from nnrun import tasks
from nnrun.config.spec import plain
from nnrun.tasks import Facts


def _rules(name: str, **facts: object) -> list[object]:
    task = tasks.get(name, Facts(**facts))  # type: ignore[arg-type]
    return [plain(task.head()), plain(task.loss), [plain(metric) for metric in task.metrics], task.kind, task.floor]


def test_tasks_names_are_the_files() -> None:
    known = "binary embedding masked_token multiclass multilabel next_token regression segmentation"
    assert tasks.names() == tuple(known.split())


@pytest.mark.parametrize("name", tasks.names())
def test_tasks_every_task_names_itself(name: str) -> None:
    assert tasks.get(name, Facts(num_classes=2)).name == name


def test_tasks_regression() -> None:
    head = {"Dense": {"units": 3, "activation": "linear"}}
    assert _rules("regression", width=3) == [head, "MeanSquaredError", ["mean_absolute_error"], "number", "mean"]


def test_tasks_binary() -> None:
    head = {"Dense": {"units": 1, "activation": "sigmoid"}}
    assert _rules("binary", num_classes=2) == [head, "BinaryCrossentropy", ["accuracy"], "classes", "majority"]


def test_tasks_binary_of_logits_cuts_at_zero() -> None:
    _, loss, metrics, *_ = _rules("binary", num_classes=2, from_logits=True)
    assert loss == {"BinaryCrossentropy": {"from_logits": True}}
    assert metrics == [{"BinaryAccuracy": {"name": "accuracy", "threshold": 0.0}}]


def test_tasks_binary_of_one_hot_is_two_units() -> None:
    head, loss, metrics, *_ = _rules("binary", num_classes=2, one_hot=True)
    assert head == {"Dense": {"units": 2, "activation": "softmax"}}
    assert (loss, metrics) == ("CategoricalCrossentropy", ["accuracy"])


def test_tasks_multiclass() -> None:
    head = {"Dense": {"units": 4, "activation": "softmax"}}
    expected = [head, "SparseCategoricalCrossentropy", ["accuracy"], "classes", "majority"]
    assert _rules("multiclass", num_classes=4) == expected


def test_tasks_multiclass_loss_follows_one_hot_and_logits() -> None:
    assert _rules("multiclass", num_classes=4, one_hot=True)[1] == "CategoricalCrossentropy"
    assert _rules("multiclass", num_classes=4, from_logits=True)[1] == {
        "SparseCategoricalCrossentropy": {"from_logits": True}
    }


def test_tasks_multilabel() -> None:
    head = {"Dense": {"units": 3, "activation": "sigmoid"}}
    assert _rules("multilabel", width=3) == [head, "BinaryCrossentropy", ["binary_accuracy"], "number", "mean"]
    assert _rules("multilabel", width=3, from_logits=True)[1:3] == [
        {"BinaryCrossentropy": {"from_logits": True}},
        [{"BinaryAccuracy": {"threshold": 0.0}}],
    ]


def test_tasks_embedding_is_a_place_and_no_choice() -> None:
    head = {"Dense": {"units": 64, "activation": "linear"}}
    assert _rules("embedding", num_classes=3) == [head, "Triplet", [], "classes", "one_place"]
    assert [name for name in tasks.names() if tasks.get(name, Facts(num_classes=2)).places] == ["embedding"]
