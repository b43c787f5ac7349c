"""Which family of specs an argument takes: `kernel_regularizer` takes a regularizer."""

from __future__ import annotations

_SUFFIXES = {
    "initializer": "initializers",
    "regularizer": "regularizers",
    "constraint": "constraints",
}
_ARGUMENTS = {
    ("layers", "activation"): "activations",
    ("layers", "recurrent_activation"): "activations",
    ("layers", "layer"): "layers",
    ("layers", "backward_layer"): "layers",
    ("layers", "layers"): "layers",
    ("layers", "cell"): "layers",
    ("layers", "cells"): "layers",
    ("applications", "classifier_activation"): "activations",
    ("optimizers", "learning_rate"): "schedules",
    ("schedules", "schedule"): "schedules",
    ("losses", "loss"): "losses",
    ("losses", "losses"): "losses",
    ("distillation", "loss"): "losses",
    ("recipes", "loss"): "losses",
    ("distillation", "distillation_losses"): "distillation",
}


def slot_of(slot: str, name: str, parameter: str) -> str | None:  # noqa: ARG001
    """The family whose specs this argument takes, alone or in a list; None where it takes plain values."""
    if (slot, parameter) in _ARGUMENTS:
        return _ARGUMENTS[slot, parameter]
    return _SUFFIXES.get(parameter.rpartition("_")[2]) if slot == "layers" else None
