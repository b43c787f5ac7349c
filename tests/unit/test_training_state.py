"""A state that is captured, written, read and put back into a model that was built anew, goes on to the same bits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from nnrun.storage import snapshots
from nnrun.training import variables
from nnrun.training.state import State, finite

Array = np.ndarray[Any, Any]
X = np.linspace(-1, 1, 48, dtype=np.float32).reshape(16, 3)
Y = np.arange(16) % 2


def model(seed: int = 0) -> Any:
    """Everything that keeps a state: statistics, a seed generator, slots and averages, metrics."""
    keras.utils.set_random_seed(seed)
    built = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(4),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    optimizer = keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.9)
    built.compile(
        optimizer=optimizer,
        loss="binary_crossentropy",
        metrics=["accuracy", keras.metrics.AUC(num_thresholds=3, name="auc")],
    )
    built.optimizer.build(built.trainable_variables)
    built.train_on_batch(X, Y)  # the metrics have their variables
    return built


def steps(built: Any, count: int) -> list[Mapping[str, float]]:
    return [built.train_on_batch(X, Y, return_dict=True) for _ in range(count)]


def stored(state: State, folder: Path) -> State:
    """The state as it comes back from the disk."""
    arrays = {"variables": state.variables, "callbacks": state.arrays}
    return State.of(snapshots.write(folder, {}, arrays, {"state": state.data}))


def test_training_state_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    first = model()
    steps(first, 3)
    state = stored(State.capture(first, [], 1, 3, {"rows": [{"loss": 0.1}]}), tmp_path)
    expected = steps(first, 3)

    second = model(seed=7)
    assert steps(second, 1) != expected[:1]
    state.restore(second, [])

    assert (state.epoch, state.step, state.stopped, state.recorded) == (1, 3, False, {"rows": [{"loss": 0.1}]})
    assert steps(second, 3) == expected
    ended = list(variables.values(first).values()), list(variables.values(second).values())
    assert [value.tobytes() for value in ended[0]] == [value.tobytes() for value in ended[1]]


def test_training_state_takes_every_variable_once() -> None:
    built = model()
    names = list(variables.values(built))
    assert len(names) == len(set(names))
    told = " ".join(names)
    for part in ("kernel", "moving_mean", "seed_generator", "iteration", "velocity", "average", "accuracy", "auc"):
        assert part in told


def test_training_state_is_a_copy() -> None:
    built = model()
    state = State.capture(built, [], 0, 1, {})
    before = {name: value.copy() for name, value in state.variables.items()}
    steps(built, 1)
    for name, value in state.variables.items():
        np.testing.assert_array_equal(value, before[name])


def test_training_state_replaces_the_metrics_that_it_is_given() -> None:
    built = model()
    given = variables.named_metrics(built, [np.full(v.shape, 3.0, np.float32) for v in built.metrics_variables])
    state = State.capture(built, [], 0, 1, {}, given)
    assert set(given) < set(state.variables)
    assert all((state.variables[name] == 3).all() for name in given)


def fitted(callbacks: list[Any]) -> list[Any]:
    """The callbacks after a fit in which the loss gets worse after its second epoch."""
    built = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    built.compile("sgd", "mse")
    watched = keras.callbacks.CallbackList(callbacks, model=built)
    watched.on_train_begin()
    for epoch, loss in enumerate((0.5, 0.4, 0.6, 0.7)):
        watched.on_epoch_end(epoch, {"loss": loss})
    return callbacks


def makers() -> list[Any]:
    return [
        keras.callbacks.EarlyStopping("loss", patience=3, restore_best_weights=True),
        keras.callbacks.ReduceLROnPlateau("loss", patience=2, cooldown=4),
    ]


def test_training_state_keeps_what_callbacks_have_counted(tmp_path: Path) -> None:
    used = fitted(makers())
    built = model()
    state = stored(State.capture(built, used, 4, 0, {}), tmp_path)

    fresh = makers()
    state.restore(built, fresh)

    stopping, plateau = fresh
    assert (stopping.wait, stopping.best, stopping.best_epoch, stopping.patience) == (2, 0.4, 1, 3)
    assert [w.tobytes() for w in stopping.best_weights] == [w.tobytes() for w in used[0].best_weights]
    assert (plateau.wait, plateau.best, plateau.cooldown_counter) == (0, 0.4, 4)


def test_training_state_leaves_a_callback_its_settings(tmp_path: Path) -> None:
    state = stored(State.capture(model(), fitted(makers()), 4, 0, {}), tmp_path)
    patient = [keras.callbacks.EarlyStopping("loss", patience=9), keras.callbacks.ReduceLROnPlateau("loss", patience=8)]
    state.restore(model(), patient)
    assert [callback.patience for callback in patient] == [9, 8]
    assert patient[0].wait == 2


def test_training_state_refuses_other_callbacks() -> None:
    state = State.capture(model(), fitted(makers()), 4, 0, {})
    with pytest.raises(ValueError, match="zip"):
        state.restore(model(), [])


@pytest.mark.parametrize(
    ("value", "is_finite"),
    [
        (np.array([1.0, -2.0]), True),
        (np.array([1.0, np.nan], np.float32), False),
        (np.array([np.inf], np.float16), False),
        (np.array([2**40]), True),
        (np.array([], np.float32), True),
    ],
)
def test_training_state_knows_what_is_finite(value: Array, is_finite: bool) -> None:
    assert finite({"a": np.ones(2), "b": value}) is is_finite


def test_training_state_knows_what_is_finite_in_bfloat16() -> None:
    narrow = keras.ops.convert_to_numpy(keras.ops.cast(keras.ops.convert_to_tensor([1.0, np.inf]), "bfloat16"))
    assert finite({"a": narrow[:1]})
    assert not finite({"a": narrow})
