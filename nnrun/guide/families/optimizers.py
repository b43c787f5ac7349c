"""Optimizers: Keras' own defaults and a learning rate."""

from __future__ import annotations

from nnrun.catalogue import Component
from nnrun.guide.example import Config, iris

TITLE = "optimizer"
PLACE = "`compile.optimizer`"
USUAL = ("Adam", "SGD", "RMSprop")


def example(component: Component) -> Config:
    """A small network moved by the optimizer."""
    rate = component.parameter("learning_rate")
    return iris(compile={"optimizer": {component.name: {"learning_rate": rate.default if rate else 1e-3}}})
