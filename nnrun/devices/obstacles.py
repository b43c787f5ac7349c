"""What of a config would be wrong on several replicas, each with its place and its remedy."""

from __future__ import annotations

from collections.abc import Sequence

from nnrun.config.config import Config
from nnrun.errors import Problem
from nnrun.model.graph import Node


def of_replicas(config: Config, nodes: Sequence[Node] = ()) -> list[Problem]:
    """Why TensorFlow's replicas would not learn what one device learns; `nodes` are the calls of the model."""
    return []


def of_padding(config: Config, nodes: Sequence[Node] = ()) -> list[Problem]:
    """What looks across the rows of a batch, so that rows which only fill it up would change the result."""
    return []
