"""The recipes that a config may name: one file each, whose function takes the settings and gives a `Recipe`.

A recipe says losses, not gradients: which networks there are, what each is called on, and in turns which of them learns
by which losses. `training/recipe_model.py` takes the gradients, on TensorFlow and on JAX. Nothing here imports Keras
before a training does, so that `check` knows the networks of a recipe by arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from nnrun.config.spec import Spec
from nnrun.training.recipes._recipe import LABEL, LATENT, Batch, Distillation, Losses, Making, Recipe, Role, Rows, Turn

__all__ = ["LABEL", "LATENT", "Batch", "Distillation", "Losses", "Making", "Recipe", "Role", "Rows", "Turn", "recipe"]


def recipe(spec: Spec) -> Recipe:
    """The recipe that a spec names; raises SettingError where its settings make no sense."""
    settings: Mapping[str, Any] = spec.arguments
    return cast(Recipe, getattr(import_module(f"{__name__}.{spec.name}"), spec.name)(**settings))
