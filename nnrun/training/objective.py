"""What a model learns by, where that is more than the losses that it was compiled with.

Keras reckons the loss of a step in `compute_loss`, of training and of evaluation, on every backend. Here another one
stands in its place on the model itself, so that its layers, outputs and programs, and what is saved, stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


def put(model: Any, compute: Callable[..., Any], metrics: Sequence[Any], variables: Sequence[Any] = ()) -> None:
    """`compute(own, x, y, y_pred)` gives the loss of a batch; `own()` is the one that the model was compiled for.

    `metrics` are logged beside the model's, `variables` learn beside its weights. To be called between the model's
    `compile` and the first step.
    """
    restore(model)
    usual = model.compute_loss

    def compute_loss(
        x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        return compute(lambda: usual(x, y, y_pred, sample_weight, training=training), x, y, y_pred)

    model.compute_loss = compute_loss
    model._metrics.extend(metrics)
    model._trainable_variables.extend(variables)


def restore(model: Any) -> None:
    """The model learns by what it is compiled for, as Keras made it."""
    vars(model).pop("compute_loss", None)
    model._metrics.clear()
    model._trainable_variables.clear()
