"""What of a config would be wrong on several replicas, each with its place and its remedy; from the specs alone.

Each says what happens so that it reads well as an error, and behind "one of 4 GPUs, since ...". What no file here
names was compared on Keras' own replicas, and learns there what one device learns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nnrun.config.config import Config
from nnrun.devices.obstacles import across, drawing, masks, updates
from nnrun.devices.obstacles.calls import calls, unfrozen
from nnrun.devices.obstacles.recipes import learned_weights
from nnrun.devices.obstacles.recipes import own_steps as of_recipe
from nnrun.devices.obstacles.unknown import unknown
from nnrun.errors import Problem
from nnrun.model.graph import Node

__all__ = ["calls", "of_padding", "of_recipe", "of_replicas", "unfrozen", "unknown"]

_FILLED_UP = {"none": "is no number for a batch"}
_IN_REPLICAS = {**_FILLED_UP, "mean_with_sample_weight": "divides by the weights of a replica's own rows"}


def of_replicas(config: Config, nodes: Sequence[Node] = ()) -> list[Problem]:
    """Why TensorFlow's replicas would not learn what one device learns; `nodes` are the calls of the model.

    Without nodes it looks at the steps as they are written, where a mask cannot be followed.
    """
    specs = calls(config, nodes)
    found = [
        *of_recipe(config),
        *learned_weights(config),
        *updates.of_optimizer(config),
        *updates.of_precision(config),
        *across.functions(specs),
        *across.activity_regularizers(specs),  # held-out rows are filled up, too, whatever becomes of training rows
        *across.losses_over_the_batch(config, specs),
        *across.reductions(config, _IN_REPLICAS),
        *masks.reaching_a_loss(config, nodes),
        *drawing.layers(specs),
        *drawing.augmentations(config),
    ]
    each = dict.fromkeys(across.batch_normalization(specs))  # which is mended layer by layer
    return [*each, *_once(found)]


def of_padding(config: Config, nodes: Sequence[Node] = ()) -> list[Problem]:
    """What looks across the rows of a batch, so that rows which only fill it up would change the result."""
    specs = calls(config, nodes)
    found = [
        *across.batch_means(specs),
        *across.functions(specs),
        *across.activity_regularizers(specs),
        *across.losses_over_the_batch(config, specs),
        *across.reductions(config, _FILLED_UP),
        *masks.reaching_a_loss(config, nodes),
        *across.mixing(config, specs),
    ]
    return [replace(problem, hint="`runtime: {remainder: drop}`") for problem in _once(found)]


def _once(found: Sequence[Problem]) -> list[Problem]:
    """Each sentence once, at its first place: the remedy is the same for all."""
    said: dict[str, Problem] = {}
    for problem in found:
        said.setdefault(problem.what, problem)
    return list(said.values())
