"""Keras' classes of distillation, which the recipe of that name uses: no config holds them."""

from __future__ import annotations

from nnrun.catalogue import Component
from nnrun.guide.example import Config

TITLE = "distillation of a model into a smaller one"
PLACE = ""
USUAL: tuple[str, ...] = ()
LATER = "written as `recipe: {distillation: {teacher: {run: NAME}}}` (`nnrun help distillation`)"


def example(component: Component) -> Config:  # noqa: ARG001 - every family has one
    """None: no config may name it."""
    return {}
