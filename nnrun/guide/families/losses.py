"""Losses, each with data whose target it can read."""

from __future__ import annotations

from nnrun.catalogue import Component
from nnrun.guide.example import Config, cancer, diabetes, iris

TITLE = "loss"
PLACE = "`compile.loss`, alone or by output; or a step on two tensors, under `model.losses`"
USUAL = ("MeanSquaredError", "CategoricalCrossentropy", "Huber")

_ONE_HOT = {"target": {"one_hot": "target"}}


def example(component: Component) -> Config:
    """A training with the loss, on two classes, several classes or numbers."""
    name = component.name
    if name.startswith("Binary"):
        return cancer(compile={"loss": name})
    if name.startswith("Categorical"):
        return iris(compile={"loss": name}, data=_ONE_HOT)
    if "rossentropy" in name:
        return iris(compile={"loss": name})
    return diabetes(compile={"loss": name})
