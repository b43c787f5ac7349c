"""The model of a recipe learns what a training step written by hand learns; each turn moves its own network alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from nnrun.config.spec import Spec
from nnrun.errors import SettingError
from nnrun.model import framework
from nnrun.training import variables
from nnrun.training.recipe_model import Network, recipe_model
from nnrun.training.recipes import Recipe, Role, Rows, recipe

SIZE, LATENT = 8, 3
GAN = Spec("gan", {"latent_dim": LATENT}, slot="recipes")


def networks(dropout: float = 0.0) -> dict[str, Network]:
    """A generator with statistics and a discriminator, of rows of four numbers."""
    keras = framework.keras()
    framework.start(0)
    latent, table = keras.Input((LATENT,), name="latent"), keras.Input((4,), name="table")
    made = keras.layers.BatchNormalization()(
        keras.layers.Dense(5, use_bias=False)(latent)
    )  # whose slope would be noise
    made = keras.layers.Dense(4)(keras.layers.Dropout(dropout)(made))
    judged = keras.layers.Dense(1)(keras.layers.Dense(6, activation="tanh", kernel_regularizer="l2")(table))
    generator, discriminator = keras.Model(latent, made), keras.Model(table, judged)
    return {
        "generator": Network(generator, ("latent",), gives_logits=True),
        "discriminator": Network(discriminator, ("table",), gives_logits=True),
    }


def adams() -> dict[str, Any]:
    optimizers = framework.keras().optimizers
    return {"generator": optimizers.Adam(0.01, beta_1=0.5), "discriminator": optimizers.RMSprop(0.02)}


def batches(count: int) -> list[Any]:
    rows = np.random.default_rng(1).normal(1.0, 0.5, (count, SIZE, 4)).astype(np.float32)
    return [framework.tensorflow().constant(batch) for batch in rows]


def by_hand(given: Mapping[str, Network], optimizers: Mapping[str, Any], rows: Any, draws: Any) -> None:
    """The step of a tutorial: the discriminator, then the generator. The statistics of the other are put back."""
    tf, keras = framework.tensorflow(), framework.keras()
    generator, judge = given["generator"].model, given["discriminator"].model
    compare = keras.losses.BinaryCrossentropy(from_logits=True)
    before = [tf.identity(variable) for variable in generator.non_trainable_variables]
    with tf.GradientTape() as tape:
        false = judge(generator(keras.random.normal((SIZE, LATENT), seed=draws), training=True), training=True)
        real = judge(rows, training=True)
        loss = compare(tf.ones_like(real), real) + compare(tf.zeros_like(false), false) + sum(judge.losses)
    slopes = tape.gradient(loss, judge.trainable_variables)
    optimizers["discriminator"].apply_gradients(zip(slopes, judge.trainable_variables, strict=True))
    for variable, value in zip(generator.non_trainable_variables, before, strict=True):
        variable.assign(value)
    with tf.GradientTape() as tape:
        false = judge(generator(keras.random.normal((SIZE, LATENT), seed=draws), training=True), training=True)
        loss = compare(tf.ones_like(false), false)
    slopes = tape.gradient(loss, generator.trainable_variables)
    optimizers["generator"].apply_gradients(zip(slopes, generator.trainable_variables, strict=True))


def test_recipe_model_learns_what_a_step_by_hand_learns() -> None:
    mine, hands, optimizers = networks(), networks(), adams()
    model = recipe_model(recipe(GAN), mine, adams(), seed=7)
    draws = framework.keras().random.SeedGenerator(7)
    step = framework.tensorflow().function(model.train_step)
    for rows in batches(4):
        step((rows, None))
        by_hand(hands, optimizers, rows, draws)
    for name, network in mine.items():
        for ours, theirs in zip(network.model.weights, hands[name].model.weights, strict=True):
            np.testing.assert_allclose(ours.numpy(), theirs.numpy(), atol=1e-6)


def test_recipe_model_moves_statistics_only_of_the_network_that_learns() -> None:
    found = recipe(GAN)
    given = networks()
    alone = Recipe(found.roles, found.turns[:1], "generator", makes=found.makes)
    model = recipe_model(alone, given, adams(), seed=0)
    before = {name: [v.numpy() for v in network.model.weights] for name, network in given.items()}
    model.train_step((batches(1)[0], None))
    same = {
        name: all(np.array_equal(a, b.numpy()) for a, b in zip(before[name], network.model.weights, strict=True))
        for name, network in given.items()
    }
    assert same == {"generator": True, "discriminator": False}


def test_recipe_model_goes_on_to_the_same_bits_from_its_variables() -> None:
    first, *others = batches(3)
    straight = recipe_model(recipe(GAN), networks(0.3), adams(), seed=0)
    straight.train_step((first, None))
    kept = variables.values(straight)
    for rows in others:
        straight.train_step((rows, None))
    again = recipe_model(recipe(GAN), networks(0.3), adams(), seed=5)
    variables.set_values(again, kept)
    for rows in others:
        again.train_step((rows, None))
    expected = variables.values(straight).values()
    assert all(np.array_equal(a, b) for a, b in zip(expected, variables.values(again).values(), strict=True))


def test_recipe_model_tests_without_learning() -> None:
    model = recipe_model(recipe(GAN), networks(), adams(), seed=0)
    weights = [v.numpy() for network in model.networks.values() for v in network.weights]
    logs = model.test_step((batches(1)[0], None))
    assert set(logs) == {"loss", "discriminator_loss", "discriminator_accuracy", "generator_loss"}
    after = [v.numpy() for network in model.networks.values() for v in network.weights]
    assert all(np.array_equal(a, b) for a, b in zip(weights, after, strict=True))


def test_recipe_model_penalty_is_what_the_slope_lacks_of_one() -> None:
    """A critic that is three times a unit vector has the slope 3 everywhere: (3 - 1)^2, ten times."""
    keras = framework.keras()
    given = networks()
    table = keras.Input((4,), name="table")
    critic = keras.Model(table, keras.layers.Dense(1, name="slope")(table))
    critic.get_layer("slope").set_weights([np.asarray([[3.0], [0], [0], [0]], np.float32), np.zeros(1, np.float32)])
    given["discriminator"] = Network(critic, ("table",), gives_logits=True)
    arguments = {"latent_dim": LATENT, "gradient_penalty": 10.0, "loss": Spec("Wasserstein", slot="losses")}
    model = recipe_model(recipe(Spec("gan", arguments, slot="recipes")), given, adams(), seed=0)
    assert float(model.test_step((batches(1)[0], None))["gradient_penalty"]) == pytest.approx(40.0, rel=1e-5)


def test_recipe_model_rate_of_one_is_the_rate_of_all() -> None:
    model = recipe_model(recipe(GAN), networks(), adams(), seed=0)
    model.optimizer.learning_rate = 0.005  # as ReduceLROnPlateau does, half of the generator's
    rates = {name: float(one.learning_rate.numpy()) for name, one in model.optimizer.by_name.items()}
    assert rates == pytest.approx({"generator": 0.005, "discriminator": 0.01})


def test_recipe_gan_says_what_its_networks_are_called_on() -> None:
    rows = Rows({"image": (8, 8, 1)}, 10)
    roles = recipe(Spec("gan", {"latent_dim": 5, "conditional": True}, slot="recipes")).roles(rows)
    assert {name: (role.takes, role.gives) for name, role in roles.items()} == {
        "generator": ({"latent": (5,), "label": (10,)}, (8, 8, 1)),
        "discriminator": ({"image": (8, 8, 1), "label": (10,)}, (1,)),
    }
    with pytest.raises(SettingError, match="one input"):
        recipe(GAN).roles(Rows({"image": (8, 8, 1), "table": (3,)}))
    assert isinstance(roles["generator"], Role)


@pytest.mark.parametrize("wrong", [{"latent_dim": 0}, {"discriminator_steps": 0}, {"gradient_penalty": -1}])
def test_recipe_gan_refuses_settings_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match=next(iter(wrong))):
        recipe(Spec("gan", {"latent_dim": 2, **wrong}, slot="recipes"))
