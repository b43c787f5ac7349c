"""Blocks that nnrun ships."""

from __future__ import annotations

from nnrun.catalogue import Component
from nnrun.guide.example import Config, iris

TITLE = "block that nnrun ships"
PLACE = "a step of `model.layers` or of a block, or under `model.losses`"
USUAL = ("position_embedding", "gaussian_kl")


def example(component: Component) -> Config:
    """The block in a small network."""
    return iris({"Dense": {"units": 16, "activation": "relu"}}, component.name)
