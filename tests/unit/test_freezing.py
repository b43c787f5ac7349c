"""Which layers learn: by path, by pattern, from a layer on, the last of them, and what stays frozen all the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnrun.errors import ConfigError, Where
from nnrun.model import framework
from nnrun.model.freezing import counts, freeze


@pytest.fixture
def model() -> Any:
    keras = framework.keras()
    layers = keras.layers
    base = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(3, name="block1_dense"),
            layers.BatchNormalization(name="block1_norm"),
            layers.Dense(3, name="block2_dense"),
            layers.BatchNormalization(name="block2_norm"),
        ],
        name="base",
    )
    return keras.Sequential([keras.Input((4,)), base, layers.Dense(2, name="tower.0"), layers.Dense(1, name="head")])


def learning(model: Any) -> list[str]:
    """The layers whose weights an optimizer changes."""
    learned = {id(weight) for weight in model.trainable_weights}
    flat = {layer.name: layer for layer in model._flatten_layers() if not hasattr(layer, "layers")}
    return [name for name in ALL if any(id(weight) in learned for weight in flat[name].weights)]


ALL = ["block1_dense", "block1_norm", "block2_dense", "block2_norm", "tower.0", "head"]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, ALL),
        ({"base": False}, ["tower.0", "head"]),
        ({"tower": False}, [*ALL[:4], "head"]),
        ({"*": False, "head": True}, ["head"]),
        ({"base": False, "base.block2_*": True}, ALL[2:]),
        ({"base": False, "base.block2_dense": True}, ["block2_dense", "tower.0", "head"]),
        ({"base": {"last": 2}}, ALL[2:]),
        ({"base": {"from": "block1_norm"}}, ALL[1:]),
        ({"base": {"last": 3, "except": "BatchNormalization"}}, ["block2_dense", "tower.0", "head"]),
        ({"base": {"except": ["block1_*", "BatchNormalization"]}}, ["block2_dense", "tower.0", "head"]),
    ],
)
def test_freezing_rules_say_what_learns(rules: dict[str, Any], expected: list[str], model: Any) -> None:
    freeze(model, rules)
    assert learning(model) == expected


def test_freezing_again_lets_learn_what_was_frozen_before(model: Any) -> None:
    freeze(model, {"base": False, "head": False, "tower.0": False})
    assert learning(model) == []
    freeze(model, {"base.block1_dense": True})
    assert learning(model) == ["block1_dense"]
    freeze(model, {"*": True})
    assert learning(model) == ALL


def test_freezing_counts_parameters(model: Any) -> None:
    assert counts(model) == (15 + 6 + 12 + 6 + 8 + 3, 12)
    freeze(model, {"base": False})
    assert counts(model) == (8 + 3, 15 + 12 + 12 + 12)


def test_freezing_keeps_batch_normalization_in_inference_mode(model: Any) -> None:
    freeze(model, {"base": {"last": 4, "except": "BatchNormalization"}})
    rows = np.random.default_rng(0).normal(5, 3, (64, 4)).astype("float32")
    numpy = framework.keras().ops.convert_to_numpy
    before = [numpy(weight).copy() for weight in model.non_trainable_weights]
    given = numpy(model(rows, training=True))
    assert np.array_equal(given, numpy(model(rows, training=False)))
    after = [numpy(weight) for weight in model.non_trainable_weights]
    assert all(np.array_equal(old, new) for old, new in zip(before, after, strict=True))


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"bsae": False}, "did you mean 'base'?"),
        ({"block2_*": False}, "did you mean 'base.block2_*'?"),
        ({"base": {"from": "block3_dense"}}, "did you mean 'block2_dense'?"),
        ({"base": {"last": 2, "except": "BatchNormalisation"}}, "did you mean 'BatchNormalization'?"),
    ],
)
def test_freezing_tells_what_fits_nothing_with_its_place(rules: dict[str, Any], told: str, model: Any) -> None:
    with pytest.raises(ConfigError) as refused:
        freeze(model, rules, lambda key: Where("a.yaml", 3, 5, f"trainable.{key}"))
    assert told in str(refused.value)
    assert str(refused.value).startswith("a.yaml:3:5: ")
