"""The compiled loop of an epoch against `Model.fit` on the same batches."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from nnrun.model import framework
from nnrun.training.epochs import Loop
from nnrun.training.pipeline import Batches

keras = framework.keras()
tf = framework.tensorflow()
layers = keras.layers

ROWS, BATCH, EPOCHS = 50, 8, 3
generator = np.random.default_rng(1)
X = generator.normal(size=(ROWS, 6, 1)).astype("float32")
CLASSES = generator.integers(0, 3, ROWS).astype("int32")
NUMBERS = generator.normal(size=(ROWS, 1)).astype("float32")
WEIGHTS = generator.uniform(0.5, 2, ROWS).astype("float32")


def dense(**compiled: Any) -> Any:
    model = keras.Sequential(
        [keras.Input((6, 1)), layers.Flatten(), layers.Dense(8, "relu"), layers.Dense(3, "softmax")]
    )
    return compile_(model, "sparse_categorical_crossentropy", **compiled)


def compile_(model: Any, loss: Any, **compiled: Any) -> Any:
    model.compile(**{"optimizer": keras.optimizers.Adam(0.01), "loss": loss, "metrics": ["accuracy"], **compiled})
    return model


def random_layers() -> Any:
    stack = [keras.Input((6, 1)), layers.Flatten(), layers.Dense(8), layers.BatchNormalization(), layers.Dropout(0.5)]
    return compile_(keras.Sequential([*stack, layers.Dense(3, "softmax")]), "sparse_categorical_crossentropy")


def regularized() -> Any:
    stack = [keras.Input((6, 1)), layers.Conv1D(4, 3, kernel_regularizer="l2"), layers.Flatten()]
    return compile_(keras.Sequential([*stack, layers.Dense(3, "softmax")]), "sparse_categorical_crossentropy")


def recurrent() -> Any:
    return compile_(keras.Sequential([keras.Input((6, 1)), layers.LSTM(4), layers.Dense(3, "softmax")]),
                    "sparse_categorical_crossentropy")  # fmt: skip


def two_outputs() -> Any:
    inputs = keras.Input((6, 1))
    flat = layers.Flatten()(inputs)
    outputs = {"label": layers.Dense(3, "softmax", name="label")(flat), "number": layers.Dense(1, name="number")(flat)}
    losses = {"label": "sparse_categorical_crossentropy", "number": "mse"}
    return compile_(keras.Model(inputs, outputs), losses, metrics={"label": ["accuracy"], "number": ["mae"]},
                    loss_weights={"label": 1.0, "number": 0.3})  # fmt: skip


def accumulating() -> Any:
    return dense(optimizer=keras.optimizers.Adam(0.01, gradient_accumulation_steps=3, clipnorm=0.5, use_ema=True))


MODELS: list[Callable[[], Any]] = [dense, random_layers, regularized, recurrent, two_outputs, accumulating]


def fresh(build: Callable[[], Any]) -> Any:
    framework.start(3)
    return build()


def material(build: Callable[[], Any]) -> Any:
    return {"label": CLASSES, "number": NUMBERS} if build is two_outputs else CLASSES


def ours(build: Callable[[], Any], weights: Any = None, length: int | None = None) -> tuple[Any, Any, list[float]]:
    model = fresh(build)
    batches = Batches(X, material(build), weights, batch_size=BATCH, seed=5, shuffle=True)
    means: list[float] = []
    loop = Loop(model, batches, training=True, watch=lambda first, found: means.extend(found), length=length)
    framework.make_variables(model, batches.tensors)
    model.train_function = loop
    begin = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: loop.begin(epoch))
    history = model.fit(loop.dataset, epochs=EPOCHS, shuffle=False, verbose=0, callbacks=[begin])
    return model, history.history, means


def theirs(build: Callable[[], Any], weights: Any = None) -> tuple[Any, Any]:
    model = fresh(build)
    arrays = (X, material(build)) if weights is None else (X, material(build), weights)
    order = Batches(X, CLASSES, batch_size=BATCH, seed=5, shuffle=True).order
    epochs = [
        tf.data.Dataset.from_tensor_slices(
            tf.nest.map_structure(partial(np.take, indices=order(epoch), axis=0), arrays)
        )
        for epoch in range(EPOCHS)
    ]
    data = epochs[0].batch(BATCH)
    for epoch in epochs[1:]:
        data = data.concatenate(epoch.batch(BATCH))
    steps = -(-ROWS // BATCH)
    return model, model.fit(data, epochs=EPOCHS, steps_per_epoch=steps, shuffle=False, verbose=0).history


@pytest.mark.parametrize("build", MODELS, ids=lambda build: build.__name__)
def test_epochs_train_as_keras_does(build: Callable[[], Any]) -> None:
    model, history, _ = ours(build)
    expected, expected_history = theirs(build)
    for ours_, theirs_ in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(ours_, theirs_, rtol=1e-5, atol=1e-6)
    assert history.keys() == expected_history.keys()
    for name, values in expected_history.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-5, err_msg=name)


def test_epochs_take_row_weights_as_keras_does() -> None:
    model, _, _ = ours(dense, WEIGHTS)
    expected, _ = theirs(dense, WEIGHTS)
    for ours_, theirs_ in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(ours_, theirs_, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("build", [dense, random_layers], ids=lambda build: build.__name__)
def test_epochs_of_any_call_length_give_the_same_bits(build: Callable[[], Any]) -> None:
    results = [ours(build, length=length) for length in (1, 7, None)]
    for model, _, means in results[1:]:
        assert means == results[0][2]
        for array, expected in zip(model.get_weights(), results[0][0].get_weights(), strict=True):
            assert array.tobytes() == expected.tobytes()


def test_epochs_tell_the_running_mean_after_every_step() -> None:
    _, history, means = ours(dense)
    steps = -(-ROWS // BATCH)
    assert len(means) == EPOCHS * steps
    np.testing.assert_allclose(means[steps - 1 :: steps], history["loss"], rtol=1e-6)


def test_epochs_stop_at_the_batch_whose_loss_is_not_finite() -> None:
    framework.start(3)
    model = compile_(keras.Sequential([keras.Input((6, 1)), layers.Flatten(), layers.Dense(1)]), "mse", metrics=[])
    order = Batches(X, NUMBERS, batch_size=BATCH, seed=5, shuffle=True).order(0)
    bad = NUMBERS.copy()
    bad[order[2 * BATCH]] = np.nan  # in the third batch
    batches = Batches(X, bad, batch_size=BATCH, seed=5, shuffle=True)
    heard: list[Any] = []
    loop = Loop(model, batches, training=True, length=7, watch=lambda first, means: heard.append((first, means)))
    framework.make_variables(model, batches.tensors)
    model.reset_metrics()
    loop(None)
    first, means = heard[0]
    assert (first, len(means)) == (0, 3)
    assert np.isfinite(means).tolist() == [True, True, False]
