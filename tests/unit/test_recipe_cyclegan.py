"""Four networks learn from one pass what the training step of the CycleGAN example, written by hand, learns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from nnrun.config.spec import Spec
from nnrun.errors import SettingError
from nnrun.model import framework
from nnrun.training.recipe_model import Network, recipe_model
from nnrun.training.recipes import Rows, recipe

SETTINGS = {"translate": "horse", "into": "zebra"}
CYCLEGAN = Spec("cyclegan", SETTINGS, slot="recipes")
SIZE = 4
TAKES = {
    "generator_zebra": "horse",
    "generator_horse": "zebra",
    "discriminator_horse": "horse",
    "discriminator_zebra": "zebra",
}


def networks() -> dict[str, Network]:
    """Small ones with statistics, of rows of five numbers; a discriminator gives two numbers, as a map of patches."""
    keras = framework.keras()
    framework.start(0)
    found = {}
    for name, takes in TAKES.items():
        units = 5 if name.startswith("generator") else 2
        row = keras.Input((5,), name=takes)
        hidden = keras.layers.BatchNormalization()(keras.layers.Dense(6, activation="tanh")(row))
        made = keras.layers.Dense(units, kernel_regularizer="l2" if units == 2 else None)(hidden)
        found[name] = Network(keras.Model(row, made), (takes,), gives_logits=True)
    return found


def adams() -> dict[str, Any]:
    return {name: framework.keras().optimizers.Adam(0.01, beta_1=0.5) for name in TAKES}


def batches(count: int) -> list[dict[str, Any]]:
    draws = np.random.default_rng(1)
    kinds = {"horse": 0.0, "zebra": 1.0}
    return [
        {name: draws.normal(mean, 0.5, (SIZE, 5)).astype(np.float32) for name, mean in kinds.items()}
        for _ in range(count)
    ]


def by_hand(given: Mapping[str, Network], optimizers: Mapping[str, Any], rows: Mapping[str, Any]) -> dict[str, float]:
    """`CycleGan.train_step` of the example: gen_G makes y (zebra) of x (horse), gen_F x of y."""
    tf, keras = framework.tensorflow(), framework.keras()
    gen_g, gen_f, disc_x, disc_y = (given[name].model for name in TAKES)
    mse, mae = keras.losses.MeanSquaredError(), keras.losses.MeanAbsoluteError()
    real_x, real_y = rows["horse"], rows["zebra"]
    with tf.GradientTape(persistent=True) as tape:
        fake_y, fake_x = gen_g(real_x, training=True), gen_f(real_y, training=True)
        cycled_x, cycled_y = gen_f(fake_y, training=True), gen_g(fake_x, training=True)
        same_x, same_y = gen_f(real_x, training=True), gen_g(real_y, training=True)
        disc_real_x, disc_fake_x = disc_x(real_x, training=True), disc_x(fake_x, training=True)
        disc_real_y, disc_fake_y = disc_y(real_y, training=True), disc_y(fake_y, training=True)
        loss_g = mse(tf.ones_like(disc_fake_y), disc_fake_y) + mae(real_y, cycled_y) * 10.0
        loss_g += mae(real_y, same_y) * 10.0 * 0.5
        loss_f = mse(tf.ones_like(disc_fake_x), disc_fake_x) + mae(real_x, cycled_x) * 10.0
        loss_f += mae(real_x, same_x) * 10.0 * 0.5
        loss_x = mse(tf.ones_like(disc_real_x), disc_real_x) + mse(tf.zeros_like(disc_fake_x), disc_fake_x)
        loss_y = mse(tf.ones_like(disc_real_y), disc_real_y) + mse(tf.zeros_like(disc_fake_y), disc_fake_y)
        losses = dict(zip(TAKES, (loss_g, loss_f, loss_x * 0.5, loss_y * 0.5), strict=True))
        learned = {name: loss + sum(given[name].model.losses) for name, loss in losses.items()}
    slopes = {name: tape.gradient(loss, given[name].model.trainable_variables) for name, loss in learned.items()}
    for name, found in slopes.items():
        optimizers[name].apply_gradients(zip(found, given[name].model.trainable_variables, strict=True))
    return {f"{name}_loss": float(loss) for name, loss in losses.items()}


def test_cyclegan_learns_what_the_step_of_the_example_learns() -> None:
    mine, hands, optimizers = networks(), networks(), adams()
    model = recipe_model(recipe(CYCLEGAN), mine, adams(), seed=0)
    for rows in batches(2):
        model.reset_metrics()
        logs = model.train_step((rows, None))
        expected = by_hand(hands, optimizers, rows)
        assert {name: float(logs[name]) for name in expected} == pytest.approx(expected, rel=1e-5)
    for name, network in mine.items():
        for ours, theirs in zip(network.model.weights, hands[name].model.weights, strict=True):
            np.testing.assert_allclose(ours.numpy(), theirs.numpy(), atol=1e-5)


def test_cyclegan_networks_are_named_by_what_they_are_called_on() -> None:
    found = recipe(CYCLEGAN)
    roles = found.roles(Rows({"zebra": (8, 8, 3), "horse": (8, 8, 3)}))
    assert {name: role.takes for name, role in roles.items()} == {
        name: {takes: (8, 8, 3)} for name, takes in TAKES.items()
    }
    assert [roles[name].gives for name in TAKES] == [(8, 8, 3), (8, 8, 3), None, None]
    assert (found.answers, found.logged) == ("generator_zebra", tuple(f"{name}_loss" for name in TAKES))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"into": "horse"}, "into itself"), ({"lambda_cycle": -1}, "lambda_cycle"), ({"sheets": -1}, "sheets")],
)
def test_cyclegan_refuses_settings_that_make_no_sense(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingError, match=told):
        recipe(Spec("cyclegan", SETTINGS | wrong, slot="recipes"))


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        (("horse", "zebras"), "the data has no input 'zebra'"),
        (("horse", "zebra", "sky"), "no place for the input 'sky'"),
    ],
)
def test_cyclegan_translates_the_two_inputs_of_the_data(inputs: tuple[str, ...], told: str) -> None:
    with pytest.raises(SettingError, match=told):
        recipe(CYCLEGAN).roles(Rows(dict.fromkeys(inputs, (8, 8, 3))))
