"""Training steps of a recipe's own."""

from __future__ import annotations

from nnrun.config.config import Config
from nnrun.errors import Problem


def own_steps(config: Config) -> list[Problem]:
    """They are written for the gradients of one device."""
    if config.recipe is None:
        return []
    what = f"the recipe {config.recipe.name} trains on one device"
    return [Problem(what, config.document.key(("recipe",)), hint="`runtime: {strategy: one}`")]
