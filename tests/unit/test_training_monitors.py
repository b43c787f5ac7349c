"""What is watched, and which way is better."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nnrun import catalogue
from nnrun.config import Config
from nnrun.config.loader import load_text
from nnrun.config.read import read
from nnrun.config.spec import Spec
from nnrun.model import framework
from nnrun.model.logged import metric_name
from nnrun.training.monitors import chooses, direction, improves, monitor, watches

LESS_IS_BETTER = ("MutualGini", "Perplexity")  # of our own


def config(fit: str) -> Config:
    text = f"data: {{source: {{sklearn: iris}}}}\nmodel: {{layers: [{{Dense: 2}}]}}\nfit: {{{fit}}}\n"
    found, problems = read(load_text(text.encode(), "config.yaml"), folder=Path(), written=b"")
    assert found is not None
    assert problems == []
    return found


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("val_loss", "min"),
        ("val_accuracy", "max"),
        ("val_mean_absolute_error", "min"),
        ("auc", "max"),
        ("val_r2_score", "max"),
        ("precision", "max"),
        ("sold_accuracy", "max"),
        ("accuracy_loss", "min"),
        ("mse", "min"),
        ("cosine_similarity", "max"),
    ],
)
def test_train_monitors_improves(name: str, mode: str) -> None:
    assert improves(name) == mode


@pytest.mark.parametrize("name", [name for name in catalogue.names("metrics") if name[:1].isupper()])
def test_train_monitors_improves_as_keras_has_it(name: str) -> None:
    """Keras asks the metric itself, and gives up where it tells nothing (counts of a confusion matrix).

    Those that Keras does not have are ours.
    """
    component = catalogue.find("metrics", name)
    assert component is not None
    needed = {"num_classes": 2, "target_class_ids": [0]}
    arguments = {p.name: needed.get(p.name, 0.5) for p in component.parameters if p.required}
    keras = getattr(framework.keras().metrics, name, None)
    ours = "down" if name in LESS_IS_BETTER else "up"
    told = {"up": "max", "down": "min"}.get(getattr(keras(**arguments), "_direction", "") if keras else ours)
    expected = told or ("max" if name.startswith("True") else "min")
    assert improves(f"val_{metric_name(Spec(name, slot='metrics'))}") == expected


def test_train_monitors_nothing_watches_in_a_plain_fit() -> None:
    plain = config("epochs: 3")
    assert (watches(plain), chooses(plain)) == ([], False)


@pytest.mark.parametrize(
    ("fit", "watched"),
    [
        ("keep: best", ["val_loss"]),
        ("callbacks: [EarlyStopping]", ["val_loss"]),
        ("callbacks: [{ReduceLROnPlateau: {monitor: val_accuracy}}]", ["val_accuracy"]),
        ("keep: best, callbacks: [{EarlyStopping: {monitor: loss}}]", ["val_loss", "loss"]),
    ],
)
def test_train_monitors_watches(fit: str, watched: list[str]) -> None:
    assert watches(config(fit)) == watched
    assert chooses(config(fit)) is True


def test_train_monitors_a_training_quantity_needs_no_validation_part() -> None:
    assert chooses(config("callbacks: [{EarlyStopping: {monitor: loss}}]")) is False


@pytest.mark.parametrize(
    ("fit", "has_validation", "name", "mode"),
    [
        ("epochs: 1", True, "val_loss", "min"),
        ("epochs: 1", False, "loss", "min"),
        ("callbacks: [{EarlyStopping: {monitor: val_accuracy}}]", True, "val_accuracy", "max"),
        ("callbacks: [{EarlyStopping: {monitor: val_accuracy, mode: min}}]", True, "val_accuracy", "min"),
    ],
)
def test_train_monitors_monitor(fit: str, has_validation: bool, name: str, mode: str) -> None:
    assert monitor(config(fit), has_validation=has_validation) == {"name": name, "mode": mode}


def test_train_monitors_direction_knows_a_metric_of_another_name() -> None:
    found = config("epochs: 1")
    metrics = (Spec("F1Score", {"name": "both"}, slot="metrics"), Spec("MeanSquaredError", {"name": "accu"}))
    found = replace(found, compile=replace(found.compile, metrics=metrics))
    assert direction(found, "val_both") == "max"
    assert direction(found, "val_accu") == "min"
    assert direction(found, "val_accuracy") == "max"


def test_monitors_a_loss_of_the_graph_is_better_where_it_is_less_whatever_its_name() -> None:
    text = """\
data: {source: {sklearn: digits}, target: {copy: image}}
model:
  layers: [Flatten, Dense: {units: 64, name: code}]
  outputs: {image: {Reshape: [8, 8, 1]}}
  losses: {accuracy: {ops.square: {from: code}}}
"""
    found, problems = read(load_text(text.encode(), "config.yaml"), folder=Path(), written=b"")
    assert (problems, found is None) == ([], False)
    assert found is not None
    assert direction(found, "val_accuracy") == "min"
    assert direction(found, "val_image_accuracy") == "max"
