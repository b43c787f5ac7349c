"""Dtypes, and the policies that compute in one and keep weights in another."""

from __future__ import annotations

from nnrun.catalogue import Component
from nnrun.guide.example import Config, iris

TITLE = "dtype of a layer"
PLACE = "`dtype` of a layer; of the whole network `runtime.precision`"
USUAL = ("float32", "mixed_bfloat16")


def example(component: Component) -> Config:
    """A layer that computes in it; whole numbers come from a cast."""
    if component.name.startswith(("float", "mixed", "bfloat")):
        return iris({"Dense": {"units": 16, "activation": "relu", "dtype": component.name}})
    return iris({"ops.cast": component.name}, {"ops.cast": "float32"}, {"Dense": 16})
