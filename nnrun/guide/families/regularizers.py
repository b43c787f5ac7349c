"""Regularizers of a layer's weights."""

from __future__ import annotations

from nnrun.catalogue import Component
from nnrun.guide.example import Config, iris

TITLE = "regularizer"
PLACE = "arguments of layers that end in `_regularizer`"
USUAL = ("L1", "L2")


def example(component: Component) -> Config:
    """A layer whose kernel is punished."""
    factors = {item.name: 1e-4 for item in component.parameters if item.name in ("l1", "l2", "factor")}
    written = {component.name: next(iter(factors.values()))} if len(factors) == 1 else {component.name: factors}
    return iris({"Dense": {"units": 16, "activation": "relu", "kernel_regularizer": written}})
