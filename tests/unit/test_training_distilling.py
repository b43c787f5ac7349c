"""The recipe `distillation` against Keras' own Distiller, and what it promises of teacher and student."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnrun.model import framework
from nnrun.training import objective
from nnrun.training.distilling import Teacher, distil
from nnrun.training.recipes import Distillation

X = np.random.default_rng(0).normal(size=(96, 5)).astype("float32")
Y = np.random.default_rng(1).integers(0, 3, 96)
HOW = Distillation(None, temperature=4, student_loss_weight=0.3)


def network(units: int, seed: int, last: str | None = None) -> Any:
    keras = framework.keras()
    keras.utils.set_random_seed(seed)
    layers = [keras.Input((5,)), keras.layers.Dense(units, activation="relu"), keras.layers.Dense(3, activation=last)]
    return keras.Sequential(layers)


def loss_of(last: str | None) -> Any:
    return framework.keras().losses.SparseCategoricalCrossentropy(from_logits=last is None)


def trained(model: Any, last: str | None) -> dict[str, list[float]]:
    sgd = framework.keras().optimizers.SGD(0.1)
    model.compile(sgd, loss_of(last), run_eagerly=False)
    distil(model, Teacher(network(16, 7), gives_logits=True), HOW, gives_logits=last is None)
    history: dict[str, list[float]] = model.fit(X, Y, batch_size=32, epochs=3, shuffle=False, verbose=0).history
    return history


def by_keras() -> tuple[Any, dict[str, list[float]]]:
    keras = framework.keras()
    student, divergence = network(4, 3), keras.losses.KLDivergence()
    loss = keras.distillation.LogitsDistillation(temperature=HOW.temperature, loss=divergence)
    distiller = keras.distillation.Distiller(network(16, 7), student, loss, student_loss_weight=HOW.student_loss_weight)
    distiller.compile(keras.optimizers.SGD(0.1), loss_of(None))
    return student, distiller.fit(X, Y, batch_size=32, epochs=3, shuffle=False, verbose=0).history


@pytest.mark.parametrize("last", [None, "softmax"])
def test_distillation_learns_what_keras_own_distiller_learns(last: str | None) -> None:
    student, history = by_keras()
    ours = network(4, 3, last)
    told = trained(ours, last)
    tolerance = 1e-6 if last is None else 2e-5  # the logarithm of a softmax has fewer digits
    for own, theirs in zip(ours.get_weights(), student.get_weights(), strict=True):
        np.testing.assert_allclose(own, theirs, atol=tolerance)
    for name in ("loss", *HOW.logged):
        np.testing.assert_allclose(told[name], history[name], atol=tolerance, err_msg=name)
    assert min(told["distillation_loss"]) > 0.01


def test_distillation_counts_row_weights_and_penalties_of_weights_as_without_a_teacher() -> None:
    keras = framework.keras()
    student = network(4, 3)
    student.layers[0].kernel_regularizer = keras.regularizers.L2(0.1)
    weights = np.linspace(0, 2, 96).astype("float32")
    student.compile("sgd", loss_of(None))
    alone = student.evaluate(X, Y, sample_weight=weights, batch_size=96, verbose=0)
    student.compile("sgd", loss_of(None))
    distil(student, Teacher(network(16, 7), gives_logits=True), HOW, gives_logits=True)
    told = student.evaluate(X, Y, sample_weight=weights, batch_size=96, verbose=0, return_dict=True)
    assert told["student_loss"] == pytest.approx(alone, rel=1e-6)
    assert told["loss"] == pytest.approx(0.3 * told["student_loss"] + 0.7 * told["distillation_loss"], rel=1e-6)


def test_distillation_of_two_classes_reads_one_number_as_both() -> None:
    keras = framework.keras()

    def told(seed: int, last: str | None) -> float:
        keras.utils.set_random_seed(5)
        student = keras.Sequential([keras.Input((5,)), keras.layers.Dense(1, activation=last)])
        keras.utils.set_random_seed(seed)
        teacher = keras.Sequential([keras.Input((5,)), keras.layers.Dense(1)])
        student.compile("sgd", keras.losses.BinaryCrossentropy(from_logits=last is None))
        distil(student, Teacher(teacher, gives_logits=True), HOW, gives_logits=last is None)
        return float(student.evaluate(X, Y > 1, verbose=0, return_dict=True)["distillation_loss"])

    assert told(5, None) == pytest.approx(0, abs=1e-5)  # of its own answers nothing is to be learned
    assert told(6, "sigmoid") == pytest.approx(told(6, None), rel=1e-4)
    assert told(6, None) > 0.01


def test_distillation_leaves_the_teacher_as_it_is_and_out_of_the_student() -> None:
    keras = framework.keras()
    keras.utils.set_random_seed(2)
    normalized = [
        keras.Input((5,)),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(3),
    ]
    teacher, student = keras.Sequential(normalized), network(4, 3)
    before, count = [value.copy() for value in teacher.get_weights()], len(student.variables)
    student.compile("adam", loss_of(None))
    distil(student, Teacher(teacher, gives_logits=True), HOW, gives_logits=True)
    student.fit(X, Y, epochs=2, verbose=0)
    assert all(np.array_equal(one, other) for one, other in zip(before, teacher.get_weights(), strict=True))
    assert len(student.variables) == count


def test_objective_restore_gives_back_the_loss_that_was_compiled() -> None:
    student = network(4, 3)
    student.compile("sgd", loss_of(None))
    alone = student.evaluate(X, Y, verbose=0, return_dict=True)
    distil(student, Teacher(network(16, 7), gives_logits=True), HOW, gives_logits=True)
    objective.restore(student)
    student.compile("sgd", loss_of(None))
    assert student.evaluate(X, Y, verbose=0, return_dict=True) == pytest.approx(alone)
