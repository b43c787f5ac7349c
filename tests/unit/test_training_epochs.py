"""The compiled loop of an epoch against `Model.fit` on the same batches, and the same bits at every length of a call.

The loop gives the bits of `Model.fit`. Only convolutions and image transformations on JAX differ in the last bits: its
compiler puts their operations together in another way inside a loop.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from functools import cache
from typing import Any

import equivalence
import numpy as np
import pytest
from commandline import environment
from equivalence import BATCH, CASES, EPOCHS, HELD, ROWS, SEED, SERIES, TARGETS, TRAIN

from nnrun.model import distribution, framework
from nnrun.training import programs, variables
from nnrun.training.epochs import Loop
from nnrun.training.pipeline import Batches

STEPS = -(-ROWS // BATCH)
STEPWISE_ON_JAX = ("convolutional", "augmented")
ROUNDED_ON_JAX, ROUNDINGS = ("convolutional", "augmenting", "augmented"), 8 * 2.0**-23  # two of float32 were seen

# Each kind of state once; the rest are variations, for the nightly run.
SOME = [
    "dense", "convolutional", "masked", "regularized", "normalized", "dropping", "weighted", "accumulating",
    "clipped together", "averages swapped", "mixed float16", "two outputs", "two inputs", "augmenting", "augmented",
    "shifted",
]  # fmt: skip
SOME_ON_JAX = ["averages swapped", "augmenting", "shifted"]


def shares(some: list[str]) -> list[Any]:
    """Every case, those beside the chosen ones marked for the nightly run."""
    return [pytest.param(name, marks=() if name in some else pytest.mark.nightly) for name in CASES]


@cache
def on_tensorflow(name: str) -> dict[str, Any]:
    return equivalence.compare(name)


@cache
def _jax(every: bool) -> dict[str, Any]:
    names = list(CASES) if every else SOME_ON_JAX
    command = [sys.executable, equivalence.__file__, "jax", *names]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def on_jax(name: str) -> dict[str, Any]:
    """The case in a process on JAX, which does several, since the import is most of it."""
    if importlib.util.find_spec("jax") is None:
        pytest.skip("JAX is not installed: pip install 'nnrun[jax]'")
    found: dict[str, Any] = _jax(name not in SOME_ON_JAX)[name]
    return found


@pytest.mark.parametrize("name", shares(SOME))
def test_training_epochs_are_those_of_keras_to_the_bit(name: str) -> None:
    found = on_tensorflow(name)
    assert found["logged"][0] == found["logged"][1]
    assert (found["variables"], found["logs"], found["integers"]) == (0, 0, True)
    assert found["learned"] > 0.01  # else there was nothing to compare


@pytest.mark.parametrize("name", shares(SOME))
def test_training_epochs_of_any_call_length_give_the_same_bits(name: str) -> None:
    found = on_tensorflow(name)
    assert len(found["digests"]) == 3
    assert len(set(found["digests"])) == 1
    assert found["traces"] == [1, 1]


@pytest.mark.parametrize("name", shares(SOME_ON_JAX))
def test_training_epochs_on_jax_are_those_of_keras(name: str) -> None:
    found = on_jax(name)
    assert found["logged"][0] == found["logged"][1]
    assert found["integers"]
    most = ROUNDINGS if name in ROUNDED_ON_JAX else 0
    assert max(found["variables"], found["logs"]) <= most
    assert found["learned"] > 0.01


@pytest.mark.parametrize("name", shares(SOME_ON_JAX))
def test_training_epochs_on_jax_of_any_call_length_give_the_same_bits(name: str) -> None:
    found = on_jax(name)
    assert len(found["digests"]) == 3
    assert len(set(found["digests"])) == 1
    each = 2 if name in STEPWISE_ON_JAX else 1  # a program a step is compiled for the short last batch too
    assert found["traces"] == [each, each]


def test_training_epochs_tell_the_running_mean_after_every_step() -> None:
    found = on_tensorflow("dense")
    assert len(found["means"]) == EPOCHS * STEPS
    assert np.float32(found["means"][STEPS - 1 :: STEPS]).tolist() == np.float32(found["loss"]).tolist()


def linear() -> Any:
    """A model with one number as its answer, and what its variables are when it begins."""
    framework.start(3)
    keras = framework.keras()
    model = keras.Sequential([keras.Input((6, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    framework.make_variables(model, distribution.tensors((SERIES, TARGETS)))
    return model


def loop(model: Any, targets: Any, length: int | None) -> Loop:
    tensors = distribution.tensors((SERIES, targets))
    feed = Batches(tensors, TRAIN, HELD, batch_size=BATCH, seed=SEED, shuffle=True)
    return Loop(programs.program(model, tensors, training=True), feed, length=length)


def run(loop: Loop, calls: int) -> None:
    """So many calls, as `Model.fit` makes them on TensorFlow."""
    for _ in range(calls):
        loop.function(None)


@pytest.mark.parametrize("length", [1, 2, 7, None])
def test_training_epochs_stop_at_the_batch_whose_loss_is_not_finite(length: int | None) -> None:
    """The third batch; nothing that comes behind it is trained on, and every length ends with the same state."""
    model = linear()
    bad = TARGETS.copy()
    first = loop(model, TARGETS, length)
    bad[TRAIN[first.feed.order(0)[2 * BATCH]]] = np.inf
    training = loop(model, bad, length)
    training.begin(0)
    while True:
        run(training, 1)
        if not np.isfinite(training.means).all():
            break
    lost = np.flatnonzero(~np.isfinite(training.means))
    assert (training.first + lost).tolist() == [2]
    assert training.first + len(training.means) == 3
    assert int(model.optimizer.iterations) == 3


@pytest.mark.parametrize("length", [1, 7])
def test_training_epochs_evaluate_every_batch_whatever_its_loss(length: int) -> None:
    """Nothing is lost by a row that cannot be evaluated, and the other metrics are those of all rows."""
    model = linear()
    far = TARGETS.copy()
    far[TRAIN[0]] = np.inf
    tensors = distribution.tensors((SERIES, far))
    feed = Batches(tensors, TRAIN, HELD, batch_size=BATCH)
    evaluation = Loop(programs.program(model, tensors, training=False), feed, length=length)
    evaluation.begin(0)
    heard = 0
    for _ in range(evaluation.calls):
        run(evaluation, 1)
        heard += len(evaluation.means)
    assert heard == STEPS


def test_training_epochs_go_on_at_a_step() -> None:
    model = linear()
    whole = loop(model, TARGETS, 2)
    whole.begin(1)
    run(whole, whole.calls)
    expected = variables.values(model)

    model = linear()
    begun = loop(model, TARGETS, 2)
    begun.begin(1)
    run(begun, 2)
    assert begun.step == 4
    rest = loop(model, TARGETS, 3)
    rest.begin(1, 4)
    run(rest, rest.calls)
    assert (rest.step, rest.first) == (STEPS, STEPS)
    assert {name: value.tobytes() for name, value in variables.values(model).items()} == {
        name: value.tobytes() for name, value in expected.items()
    }


def test_training_epochs_that_are_done_have_logs_and_no_steps() -> None:
    """A run that was stopped in an evaluation goes on behind the last step: Keras asks for calls all the same."""
    model = linear()
    done = loop(model, TARGETS, None)
    done.begin(0, STEPS)
    before = variables.values(model)
    for _ in range(done.calls):
        assert set(done.function(None)) == {"loss"}
        assert len(done.means) == 0
    assert {name: value.tobytes() for name, value in variables.values(model).items()} == {
        name: value.tobytes() for name, value in before.items()
    }


@pytest.mark.parametrize(("length", "calls"), [(1, STEPS), (2, 4), (7, 1), (100, 1)])
def test_training_epochs_make_as_many_calls_as_the_length_wants(length: int, calls: int) -> None:
    training = loop(linear(), TARGETS, length)
    assert training.calls == calls
    training.begin(0)
    run(training, calls)
    assert (training.step, training.longest) == (STEPS, min(length, STEPS))


def test_training_epochs_choose_a_length_that_ends_within_the_calls() -> None:
    """However long a step takes, an epoch is whole when Keras has made its calls."""
    training = loop(linear(), TARGETS, None)
    for epoch in range(3):
        training.begin(epoch)
        run(training, training.calls)
        assert training.step == STEPS
