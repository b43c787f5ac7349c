"""Weights of several outputs' losses that are learned: `loss_weights: uncertainty`.

Each output has a spread sigma, a variable that learns beside the weights. A loss of numbers counts 1 / (2 sigma^2), one
of classes or labels 1 / sigma^2, and log sigma is added, so that no spread grows without end. Source: A. Kendall and
others, Multi-Task Learning Using Uncertainty to Weigh Losses (2018).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from nnrun.model import framework
from nnrun.model.logged import SIGMA
from nnrun.training import objective
from nnrun.training.answers import Answer


def weigh(model: Any, answers: Mapping[str, Answer]) -> None:
    """Has a compiled model of several outputs learn how much the loss of each counts; losses of the graph count 1."""
    keras = framework.keras()
    ops, zeros = keras.ops, keras.initializers.Zeros()
    variances = {
        name: keras.Variable(zeros, shape=(), dtype="float32", name=f"{name}_log_variance") for name in answers
    }
    spreads = {name: _latest(name + SIGMA) for name in answers}

    def compute(own: Any, x: Any, y: Any, y_pred: Any) -> Any:  # noqa: ARG001
        if not model._compile_loss.built:
            model._compile_loss.build(y, y_pred)
        counts = {name: factor(answers[name]) * ops.exp(-variance) for name, variance in variances.items()}
        with _counting(model._compile_loss, counts):
            total = own()
        for name, variance in variances.items():
            spreads[name].update_state(ops.exp(variance / 2))
            total = ops.add(total, variance / 2)
        return total

    objective.put(model, compute, list(spreads.values()), list(variances.values()))


def factor(answer: Answer) -> float:
    """What 1 / sigma^2 is multiplied by: half of it is the likelihood of numbers, all of it that of classes."""
    return 0.5 if answer.task.name == "regression" else 1.0


@contextmanager
def _counting(losses: Any, counts: Mapping[str, Any]) -> Iterator[None]:
    """While Keras reckons the losses by output: what each of these is multiplied by."""
    before = losses._flat_losses
    losses._flat_losses = [
        loss._replace(loss_weights=counts[loss.path[0]]) if loss.path[0] in counts else loss for loss in before
    ]
    try:
        yield
    finally:
        losses._flat_losses = before


def _latest(name: str) -> Any:
    """A metric whose value is the last that it was told."""
    keras = framework.keras()

    class Latest(keras.metrics.Metric):  # type: ignore[misc, name-defined]  # Keras has no types
        def __init__(self) -> None:
            super().__init__(name=name)
            self.value = self.add_variable(shape=(), initializer="zeros", name="value")

        def update_state(self, value: Any, sample_weight: Any = None) -> None:
            self.value.assign(value)

        def result(self) -> Any:
            return keras.ops.convert_to_tensor(self.value)

    return Latest()
