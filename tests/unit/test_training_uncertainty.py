"""`loss_weights: uncertainty` against the formula, step by step."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from nnrun.model import framework
from nnrun.model.losses._graph import mean_loss
from nnrun.training.uncertainty import weigh

X = np.random.default_rng(0).normal(size=(24, 3)).astype("float32")
Y = {
    "price": np.random.default_rng(1).normal(3, 1, (24, 1)).astype("float32"),
    "kind": np.random.default_rng(2).integers(0, 3, 24),
    "small": np.zeros((24, 1), "float32"),
}
FACTORS = {"price": 0.5, "kind": 1.0}
RATE, STEPS = 0.1, 5


class Task(NamedTuple):
    name: str


class Answered(NamedTuple):
    """What of an answer is asked for."""

    task: Task


def model() -> Any:
    keras = framework.keras()
    keras.utils.set_random_seed(4)
    given = keras.Input((3,))
    inner = keras.layers.Dense(4, activation="relu")(given)
    outputs = {"price": keras.layers.Dense(1)(inner), "kind": keras.layers.Dense(3, activation="softmax")(inner)}
    found = keras.Model(given, {**outputs, "small": keras.ops.square(inner)})
    losses = {"price": "mse", "kind": "sparse_categorical_crossentropy", "small": mean_loss("small")}
    found.compile(keras.optimizers.SGD(RATE), losses)
    return found


def test_uncertainty_learns_spreads_by_the_formula() -> None:
    trained = model()
    weigh(trained, {"price": Answered(Task("regression")), "kind": Answered(Task("multiclass"))})  # type: ignore[dict-item]
    spreads = dict(zip(FACTORS, trained._trainable_variables, strict=True))
    by_hand = dict.fromkeys(FACTORS, 0.0)
    for step in range(STEPS):
        told = {name: float(value) for name, value in trained.test_on_batch(X, Y, return_dict=True).items()}
        losses = {name: told[f"{name}_loss"] for name in FACTORS}
        weighed = {name: FACTORS[name] * np.exp(-by_hand[name]) * losses[name] for name in FACTORS}
        expected = sum(weighed.values()) + sum(by_hand.values()) / 2 + told["small_loss"]
        assert told["loss"] == pytest.approx(expected, rel=1e-5), step
        assert told["price_sigma"] == pytest.approx(np.exp(by_hand["price"] / 2), rel=1e-5)
        trained.train_on_batch(X, Y)
        by_hand = {name: by_hand[name] - RATE * (0.5 - weighed[name]) for name in FACTORS}
        found = {name: float(variable.numpy()) for name, variable in spreads.items()}
        assert found == pytest.approx(by_hand, rel=1e-4), step
    assert by_hand["price"] > 0.1  # 9 apart at first: it counts less
    assert len(trained.weights) == 8  # those of three layers, and the two spreads


def test_uncertainty_gives_the_weights_the_slopes_of_weighed_losses() -> None:
    keras = framework.keras()
    ours, plain = model(), model()
    weigh(ours, {"price": Answered(Task("regression")), "kind": Answered(Task("multiclass"))})  # type: ignore[dict-item]
    weights = {"price": 0.5, "kind": 1.0, "small": 1.0}  # of a spread of 1, as it begins
    losses = {"price": "mse", "kind": "sparse_categorical_crossentropy", "small": mean_loss("small")}
    plain.compile(keras.optimizers.SGD(RATE), losses, loss_weights=weights)
    ours.train_on_batch(X, Y)
    plain.train_on_batch(X, Y)
    for one, other in zip(ours.layers[1].get_weights(), plain.layers[1].get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-7)
