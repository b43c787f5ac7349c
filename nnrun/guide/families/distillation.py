"""Distillation, whose recipe is to come: until then no config can hold it."""

from __future__ import annotations

from nnrun.catalogue import Component
from nnrun.guide.example import Config

TITLE = "distillation of a model into a smaller one"
PLACE = ""
USUAL: tuple[str, ...] = ()
LATER = "the recipe that trains one model by another is not of this version yet"


def example(component: Component) -> Config:  # noqa: ARG001 - every family has one
    """None: no config may name it."""
    return {}
