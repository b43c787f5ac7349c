"""The variables of a model: taken, put back, and told apart from what its metrics count."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnrun.model import distribution, framework
from nnrun.training import variables
from nnrun.training.state import finite

keras = framework.keras()
X = np.ones((8, 2), np.float32)
Y = np.zeros((8, 1), np.float32)


@pytest.fixture
def model() -> Any:
    """One with everything that a step changes: weights, statistics, a seed generator, an optimizer, metrics."""
    framework.start(1)
    layers = [keras.Input((2,)), keras.layers.BatchNormalization(), keras.layers.Dropout(0.5), keras.layers.Dense(1)]
    made = keras.Sequential(layers)
    made.compile(keras.optimizers.Adam(0.1, use_ema=True), "mse", metrics=["mae"])
    framework.make_variables(made, distribution.tensors((X, Y)))
    return made


def test_training_variables_are_all_that_a_step_changes(model: Any) -> None:
    before = variables.values(model)
    kinds = {name.rpartition("/")[2] for name in before}
    assert {"kernel", "moving_mean", "seed_generator_state", "iteration", "total"} <= kinds
    assert any("velocity" in kind for kind in kinds)
    assert any("average" in kind for kind in kinds)
    model.train_on_batch(X, Y)
    after = variables.values(model)
    variables.set_values(model, before)
    assert _same(variables.values(model), before)
    model.train_on_batch(X, Y)
    assert _same(variables.values(model), after)


def test_training_variables_of_metrics_are_put_back_alone(model: Any) -> None:
    model.train_on_batch(X, Y)
    counted = variables.values(model)
    weights = variables.without_metrics(model, counted)
    model.train_on_batch(X, 1 - Y)
    trained = variables.without_metrics(model, variables.values(model))
    variables.set_values(model, counted, metrics_only=True)
    now = variables.values(model)
    assert _same(variables.without_metrics(model, now), trained)
    assert not _same(trained, weights)
    assert _same({name: now[name] for name in now.keys() - weights.keys()},
                 {name: counted[name] for name in counted.keys() - weights.keys()})  # fmt: skip


def test_training_variables_of_metrics_by_name(model: Any) -> None:
    model.train_on_batch(X, Y)
    all_values, copied = variables.values(model), keras.ops.convert_to_numpy
    found = variables.named_metrics(model, [copied(variable) for variable in model.metrics_variables])
    assert found.keys() == all_values.keys() - variables.without_metrics(model, all_values).keys()
    assert _same(found, {name: all_values[name] for name in found})
    blank = variables.blank_metrics(model)
    assert blank.keys() == found.keys()
    assert all(not value.any() for value in blank.values())
    assert {name: (value.shape, value.dtype) for name, value in blank.items()} == {
        name: (value.shape, value.dtype) for name, value in found.items()
    }


def test_training_variables_may_be_finite_where_a_metric_is_not(model: Any) -> None:
    model.test_on_batch(X * np.float32(1e30), Y)
    found = variables.values(model)
    assert not finite(found)
    assert finite(variables.without_metrics(model, found))
    model.layers[-1].bias.assign([np.nan])
    assert not finite(variables.without_metrics(model, variables.values(model)))


def _same(some: dict[str, Any], other: dict[str, Any]) -> bool:
    return some.keys() == other.keys() and all(some[name].tobytes() == other[name].tobytes() for name in some)
