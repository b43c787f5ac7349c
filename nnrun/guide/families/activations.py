"""Activations: functions of single values, and those over all units of a layer."""

from __future__ import annotations

from nnrun.catalogue import Component
from nnrun.guide.example import Config, cancer, iris

TITLE = "activation"
PLACE = "`activation` of a layer, or the layer `Activation`"
USUAL = ("relu", "sigmoid", "softmax")

_HEADS = ("softmax",)
_USUAL = {"leaky_relu": {"negative_slope": 0.1}}


def example(component: Component) -> Config:
    """A hidden layer with the activation, or the last one where it makes shares of a whole."""
    given = _USUAL.get(component.name)
    written = {component.name: given} if given else component.name
    if component.name == "sigmoid":
        return cancer(model={"outputs": {"Dense": {"units": 1, "activation": written}}})
    if component.name in _HEADS:
        return iris(model={"outputs": {"Dense": {"units": 3, "activation": written}}})
    weights = {"kernel_initializer": "LecunNormal"} if component.name == "selu" else {}
    return iris({"Dense": {"units": 16, "activation": written, **weights}})
