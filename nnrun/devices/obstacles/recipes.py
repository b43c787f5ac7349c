"""Training steps of a recipe's own, and fits of several models."""

from __future__ import annotations

from nnrun.config.config import Config
from nnrun.config.sections import UNCERTAINTY
from nnrun.errors import Problem


def learned_weights(config: Config) -> list[Problem]:
    """Weights of losses that are learned: each replica would add its own spread."""
    if config.compile.loss_weights != UNCERTAINTY:
        return []
    what = "weights of losses that are learned are for one device on TensorFlow"
    return [Problem(what, config.document.value(("compile", "loss_weights")), hint="`runtime: {strategy: one}`")]


def own_steps(config: Config) -> list[Problem]:
    """They are written for the gradients, and the models, of one device."""
    if config.family:
        what, place = "phases that train several models train them on one device", "models"
    elif config.recipe is not None:
        what, place = f"the recipe {config.recipe.name} trains on one device", "recipe"
    else:
        return []
    return [Problem(what, config.document.key((place,)), hint="`runtime: {strategy: one}`")]
