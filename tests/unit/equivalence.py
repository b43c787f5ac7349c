"""Models that hold everything a training step may do, each trained by our loop and by `Model.fit` on the same batches.

`python tests/unit/equivalence.py jax dense masked` prints what it found on JAX, since a process has one backend.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnrun.config.spec import Spec
from nnrun.model import distribution, framework
from nnrun.training import programs, variables
from nnrun.training.augmentation import Augmentation
from nnrun.training.epochs import Loop
from nnrun.training.laid_out import Beside
from nnrun.training.pipeline import Batches, order

HELD, ROWS, BATCH, EPOCHS, SEED = 72, 50, 8, 3, 5  # the last batch has two rows
LENGTHS: tuple[int | None, ...] = (1, 7, None)

_numbers = np.random.default_rng(1)
_SHUFFLED = _numbers.permutation(HELD)
TRAIN, VALIDATION = _SHUFFLED[:ROWS], np.sort(_SHUFFLED[ROWS:])
SERIES = _numbers.normal(size=(HELD, 6, 1)).astype(np.float32)
PICTURES = _numbers.normal(size=(HELD, 6, 6, 1)).astype(np.float32)
WORDS = np.where(np.arange(7) < _numbers.integers(1, 8, (HELD, 1)), _numbers.integers(1, 9, (HELD, 7)), 0)
WORDS = WORDS.astype(np.int32)  # zeros at the end are no words
CLASSES = _numbers.integers(0, 3, HELD).astype(np.int32)
TARGETS = _numbers.normal(size=(HELD, 1)).astype(np.float32)
WEIGHTS = _numbers.uniform(0.5, 2, HELD).astype(np.float32)


@dataclass(frozen=True)
class Case:
    """A compiled model, the arrays that it is trained on, and the callbacks of its fit."""

    build: Callable[[], Any]
    x: Any
    y: Any = field(default_factory=lambda: CLASSES)
    weights: Any = None
    augment: tuple[Spec, ...] = ()
    callbacks: Callable[[], list[Any]] = list


def _compiled(model: Any, **how: Any) -> Any:
    keras = framework.keras()
    given = {"optimizer": keras.optimizers.Adam(0.01), "loss": "sparse_categorical_crossentropy", **how}
    model.compile(**{"metrics": ["accuracy"], **given})
    return model


def _stack(shape: tuple[int, ...], *names: Any, dtype: Any = None, **how: Any) -> Any:
    """A sequence of layers with a head for three classes."""
    keras = framework.keras()
    head = keras.layers.Dense(3, "softmax")  # in float32, as everywhere under mixed precision
    return _compiled(keras.Sequential([keras.Input(shape, dtype=dtype), *names, head]), **how)


def _dense(**how: Any) -> Any:
    layers = framework.keras().layers
    return _stack((6, 1), layers.Flatten(), layers.Dense(8, "relu"), **how)


def _optimized(name: str, *arguments: Any, **settings: Any) -> Callable[[], Any]:
    return lambda: _dense(optimizer=getattr(framework.keras().optimizers, name)(*arguments, **settings))


def _scheduled() -> Any:
    keras = framework.keras()
    schedule = keras.optimizers.schedules.CosineDecay(0.05, 15)
    return _dense(optimizer=keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True))


def _convolutional() -> Any:
    layers = framework.keras().layers
    return _stack((6, 6, 1), layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten())


def _recurrent() -> Any:
    return _stack((6, 1), framework.keras().layers.LSTM(4))


def _masked() -> Any:
    layers = framework.keras().layers
    return _stack((7,), layers.Embedding(9, 4, mask_zero=True), layers.LSTM(4), dtype="int32")


def _regularized() -> Any:
    layers = framework.keras().layers
    first = layers.Dense(8, kernel_regularizer="l2", bias_regularizer="l1", activity_regularizer="l2")
    return _stack((6, 1), layers.Flatten(), first)


def _normalized() -> Any:
    layers = framework.keras().layers
    return _stack((6, 1), layers.Flatten(), layers.Dense(8), layers.BatchNormalization())


def _dropping() -> Any:
    layers = framework.keras().layers
    return _stack((6, 1), layers.Flatten(), layers.Dense(8), layers.Dropout(0.5), layers.GaussianNoise(0.1))


def _augmenting() -> Any:
    layers = framework.keras().layers
    return _stack((6, 6, 1), layers.RandomFlip(), layers.RandomTranslation(0.2, 0.2), layers.Flatten())


def _mixed(policy: str) -> Any:
    keras = framework.keras()
    layers = keras.layers
    optimizer = keras.optimizers.Adam(0.01)
    if policy == "mixed_float16":  # the first gradients overflow: their steps are skipped, the scale is halved
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=2.0**18, dynamic_growth_steps=5)
    stack = [layers.Flatten(dtype=policy), layers.Dense(8, "relu", dtype=policy)]
    return _stack((6, 1), *stack, optimizer=optimizer)


def _two_outputs() -> Any:
    keras = framework.keras()
    inputs = keras.Input((6, 1))
    flat = keras.layers.Flatten()(inputs)
    label, number = keras.layers.Dense(3, "softmax", name="label"), keras.layers.Dense(1, name="number")
    return _compiled(
        keras.Model(inputs, {"label": label(flat), "number": number(flat)}),
        loss={"label": "sparse_categorical_crossentropy", "number": "mse"},
        metrics={"label": ["accuracy"], "number": ["mae"]},
        loss_weights={"label": 1.0, "number": 0.3},
    )


def _two_inputs() -> Any:
    keras = framework.keras()
    series, words = keras.Input((6, 1), name="series"), keras.Input((7,), name="words", dtype="int32")
    found = keras.layers.Flatten()(keras.layers.Embedding(9, 2)(words))
    joined = keras.layers.Concatenate()([keras.layers.Flatten()(series), found])
    return _compiled(keras.Model([series, words], keras.layers.Dense(3, "softmax")(joined)))


def _swapped() -> list[Any]:
    return [framework.keras().callbacks.SwapEMAWeights()]


# Exact in the last bits wherever they are compiled: nothing is interpolated.
_AUGMENT = (Spec("RandomFlip", {}, slot="layers"), Spec("GaussianNoise", {"stddev": 0.3}, slot="layers"))
_averaging = _optimized("Adam", 0.01, use_ema=True, ema_momentum=0.9)

CASES: dict[str, Case] = {
    "dense": Case(_dense, SERIES),
    "convolutional": Case(_convolutional, PICTURES),
    "recurrent": Case(_recurrent, SERIES),
    "masked": Case(_masked, WORDS),
    "regularized": Case(_regularized, SERIES),
    "normalized": Case(_normalized, SERIES),
    "dropping": Case(_dropping, SERIES),
    "weighted": Case(lambda: _dense(weighted_metrics=["accuracy"]), SERIES, weights=WEIGHTS),
    "accumulating": Case(_optimized("Adam", 0.01, gradient_accumulation_steps=3), SERIES),
    "clipped": Case(_optimized("SGD", 0.5, clipnorm=0.1), SERIES),
    "clipped together": Case(_optimized("SGD", 0.5, global_clipnorm=0.1), SERIES),
    "averaging": Case(_averaging, SERIES),
    "averages swapped": Case(_averaging, SERIES, callbacks=_swapped),
    "mixed bfloat16": Case(lambda: _mixed("mixed_bfloat16"), SERIES),
    "mixed float16": Case(lambda: _mixed("mixed_float16"), SERIES),
    "two outputs": Case(_two_outputs, SERIES, {"label": CLASSES, "number": TARGETS}),
    "two inputs": Case(_two_inputs, {"series": SERIES, "words": WORDS}),
    "augmenting": Case(_augmenting, PICTURES),
    "scheduled": Case(_scheduled, SERIES),
    "augmented": Case(_convolutional, PICTURES, augment=_AUGMENT),
    "shifted": Case(_dense, SERIES, augment=(Spec("TimeShift", {"factor": 0.4}, slot="augmentations"),)),
}


@dataclass(frozen=True)
class Trained:
    """What a fit came to: every variable, the history, and the running mean of the loss after each step."""

    variables: dict[str, Any]
    history: dict[str, list[float]]
    means: list[float]

    @property
    def digest(self) -> str:
        """The same for the same bits."""
        found = hashlib.sha256(json.dumps([self.history, self.means]).encode())
        for name, value in self.variables.items():
            found.update(name.encode() + value.tobytes())
        return found.hexdigest()


class Laboratory:
    """One case's model, reset in place before each fit."""

    def __init__(self, name: str) -> None:
        framework.start(SEED)
        case = self.case = CASES[name]
        self.model = case.build()
        self.arrays = (case.x, case.y) if case.weights is None else (case.x, case.y, case.weights)
        self.tensors = distribution.tensors(self.arrays)
        framework.make_variables(self.model, self.tensors)
        self.initial = variables.values(self.model)
        beside = {"": (Beside("", "mixed"),)}
        self.augment = Augmentation({"": case.augment}, beside, {}, SEED) if case.augment else None
        self.training = programs.program(self.model, self.tensors, training=True, augment=self.augment)
        self.testing = programs.program(self.model, self.tensors[:2], training=False)

    def ours(self, length: int | None) -> Trained:
        """Through the compiled loop, so many steps a call."""
        batches = Batches(self.tensors, TRAIN, HELD, batch_size=BATCH, seed=SEED, shuffle=True)
        training = Loop(self.training, batches, length=length)
        held_out = Loop(self.testing, Batches(self.tensors[:2], VALIDATION, HELD, batch_size=BATCH), length=length)
        means: list[float] = []
        hooks = framework.keras().callbacks.LambdaCallback(
            on_epoch_begin=lambda epoch, logs: training.begin(epoch),
            on_train_batch_end=lambda batch, logs: means.extend(training.means.tolist()),
        )
        hooks.on_test_begin = lambda logs=None: held_out.begin(0)
        calls, validation = framework.calls(training.calls), framework.calls(held_out.calls)
        with framework.handed_over(self.model, training.function, held_out.function, self.training.reset):
            return self._fit(calls, means, hooks, validation_data=validation)

    def theirs(self) -> Trained:
        """Through Keras' own functions, a batch at a time."""
        data = tuple(_taken(array, VALIDATION) for array in self.arrays[:2])
        steps = -(-ROWS // BATCH)
        how = {"steps_per_epoch": steps, "validation_data": data, "validation_batch_size": BATCH}
        return self._fit(self._batches(), [], **how)

    def _batches(self) -> Iterator[Any]:
        for epoch in range(EPOCHS):
            rows = TRAIN[order(SEED, epoch, ROWS, True)]
            for first in range(0, ROWS, BATCH):
                batch = tuple(_taken(array, rows[first : first + BATCH]) for array in self.arrays)
                yield batch if self.augment is None else self._augmented(batch, epoch, first // BATCH)

    def _augmented(self, batch: Any, epoch: int, step: int) -> Any:
        """The batch as our program changes it, changed outside of any program."""
        assert self.augment is not None
        made = self.augment(distribution.tensors(batch), self.augment.keys(epoch), np.int32(step))
        return tuple(framework.keras().tree.map_structure(np.asarray, made))

    def _fit(self, data: Any, means: list[float], *hooks: Any, **how: Any) -> Trained:
        framework.seed_generators(SEED)
        variables.set_values(self.model, self.initial)
        callbacks = [*self.case.callbacks(), *hooks]
        told = self.model.fit(data, epochs=EPOCHS, shuffle=False, verbose=0, callbacks=callbacks, **how)
        history = {name: [float(value) for value in values] for name, values in told.history.items()}
        return Trained(variables.values(self.model), history, means)


def compare(name: str) -> dict[str, Any]:
    """One case: the digests at every length, and how far our loop and Keras are apart."""
    laboratory = Laboratory(name)
    found = [laboratory.ours(length) for length in LENGTHS]
    expected = laboratory.theirs()
    ours = found[0]
    floating = [key for key, value in ours.variables.items() if value.dtype.kind == "f"]
    whole = ours.variables.keys() - floating
    return {
        "digests": [trained.digest for trained in found],
        "logged": [sorted(ours.history), sorted(expected.history)],
        "integers": all(np.array_equal(ours.variables[key], expected.variables[key]) for key in whole),
        "variables": max(_apart(ours.variables[key], expected.variables[key]) for key in floating),
        "logs": max(_apart(np.array(ours.history[key]), np.array(expected.history[key])) for key in ours.history),
        "learned": max(_apart(laboratory.initial[key], ours.variables[key]) for key in floating),
        "means": ours.means,
        "loss": ours.history["loss"],
        "traces": [laboratory.training.traces, laboratory.testing.traces],
    }


def _apart(ours: Any, theirs: Any) -> float:
    """The largest difference, relative to the largest value of the array."""
    scale = float(np.max(np.abs(theirs), initial=0.0))
    return float(np.max(np.abs(ours - theirs), initial=0.0)) / (scale or 1.0)


def _taken(arrays: Any, rows: Any) -> Any:
    return {name: array[rows] for name, array in arrays.items()} if isinstance(arrays, dict) else arrays[rows]


if __name__ == "__main__":
    framework.use(sys.argv[1])
    print(json.dumps({name: compare(name) for name in sys.argv[2:]}))
