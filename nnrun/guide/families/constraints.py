"""Constraints of a layer's weights."""

from __future__ import annotations

from nnrun.catalogue import Component
from nnrun.guide.example import Config, iris

TITLE = "constraint"
PLACE = "arguments of layers that end in `_constraint`"
USUAL = ("MaxNorm", "NonNeg")


def example(component: Component) -> Config:
    """A layer whose kernel is held."""
    limits = {"min_value": 0.5, "max_value": 2.0}
    given = {item.name: limits[item.name] for item in component.parameters if item.name in limits}
    written = {component.name: given} if given else component.name
    return iris({"Dense": {"units": 16, "activation": "relu", "kernel_constraint": written}})
