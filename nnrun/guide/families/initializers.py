"""Initializers of a layer's weights."""

from __future__ import annotations

from nnrun.catalogue import Component
from nnrun.guide.example import Config, iris

TITLE = "initializer"
PLACE = "arguments of layers that end in `_initializer`"
USUAL = ("GlorotUniform", "HeNormal", "Zeros")


def example(component: Component) -> Config:
    """A layer whose kernel begins so."""
    usual = _USUAL.get(component.name)
    written = {component.name: usual} if usual else component.name
    return iris({"Dense": {"units": 16, "activation": "relu", "kernel_initializer": written}})


_USUAL = {
    "Constant": {"value": 0.1},
    "RandomNormal": {"stddev": 0.1},
    "RandomUniform": {"minval": -0.1, "maxval": 0.1},
    "TruncatedNormal": {"stddev": 0.1},
    "VarianceScaling": {"scale": 2.0, "mode": "fan_in"},
}
