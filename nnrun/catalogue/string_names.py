"""The short names that Keras makes at import, so no source file lists them: `mse`, `adam`, `glorot_uniform`.

A property test holds every one of them equal to what Keras' own `get` answers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

# Keras' `compile` reads these from the task: `accuracy` is BinaryAccuracy, CategoricalAccuracy or
# SparseCategoricalAccuracy. The class Accuracy compares labels with labels and is hardly ever meant.
CHOSEN_BY_TASK: Mapping[str, Mapping[str, str]] = {
    "losses": {"crossentropy": "The cross entropy; Keras picks the kind that the output and the target need."},
    "metrics": {"accuracy": "The share of right answers; Keras picks the kind that the output needs."},
}

_ERRORS = {
    "mae": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError",
    "mse": "MeanSquaredError",
    "msle": "MeanSquaredLogarithmicError",
    "bce": "BinaryCrossentropy",
}
_UPPER = {name.upper(): target for name, target in _ERRORS.items()}

_SHORT: Mapping[str, Mapping[str, str]] = {
    "losses": {**_ERRORS, **_UPPER, "kld": "KLDivergence", "KLD": "KLDivergence", "ce": "crossentropy"},
    "metrics": {**_ERRORS, **_UPPER, "acc": "accuracy"},
    "initializers": {
        "normal": "RandomNormal",
        "uniform": "RandomUniform",
        "one": "Ones",
        "zero": "Zeros",
    },
}
_WITHOUT_STRING = ("Lamb",)  # not in Keras' own table
_SNAKE_CASE = ("metrics", "initializers", "regularizers", "constraints")


def string_names(slot: str, names: Collection[str]) -> dict[str, str]:
    """The strings that Keras accepts for the classes `names` of a family, each with its class."""
    found = dict(_SHORT.get(slot, {}))
    chosen = CHOSEN_BY_TASK.get(slot, {})
    if slot == "optimizers":
        found |= {name.lower(): name for name in names if name not in _WITHOUT_STRING}
    if slot in _SNAKE_CASE:
        found |= {snake_case(name): name for name in names if snake_case(name) not in chosen}
    return {alias: name for alias, name in sorted(found.items()) if name in names and alias not in names}


def snake_case(name: str) -> str:
    """A class name as Keras writes it in lower case: `TruePositives`, `true_positives`."""
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def class_of_function(function: str, classes: Collection[str]) -> str | None:
    """The class that a loss or metric function belongs to: `kl_divergence`, `KLDivergence`."""
    bare = function.replace("_", "").lower()
    return next((name for name in classes if name.lower() in (bare, bare + "error")), None)
