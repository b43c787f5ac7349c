"""Keras' masks on their way to a loss, which divides by the number of steps that count: those of its own rows."""

from __future__ import annotations

from collections.abc import Sequence

from nnrun import catalogue
from nnrun.catalogue import masking
from nnrun.config.config import Config
from nnrun.config.spec import Spec
from nnrun.errors import Problem
from nnrun.model.graph import Node
from nnrun.model.sources import SOURCES

REMEDY = "`runtime: {backend: jax}`, or a network whose last layers have no mask"


def reaching_a_loss(config: Config, nodes: Sequence[Node]) -> list[Problem]:
    """The layers whose mask an output still has."""
    origins = masked(nodes)
    read = {tensor for node in nodes for tensor in node.sources}
    named = {str(output.of) for output in (*config.model.outputs, *config.model.losses) if output.of is not None}
    return [
        Problem(
            f"the mask of {origin.spec.name} reaches the loss, which counts the steps of a batch",
            origin.where,
            hint=REMEDY,
        )
        for tensor, origin in origins.items()
        if tensor not in read or tensor in named
    ]


def masked(nodes: Sequence[Node]) -> dict[str, Node]:
    """The tensors that have a mask, each with the node at which its mask began."""
    found: dict[str, Node] = {}
    several = {tensor for node in nodes for tensor in node.sources}
    for node in nodes:
        origin = node if _begins(node.spec) else _handed_on(node, found)
        if origin is not None:
            first = f"{node.name}.0"  # of the tensors of a layer that gives its states, too
            found[first if first in several else node.name] = origin
    return found


def _begins(spec: Spec) -> bool:
    """Whether a layer makes a mask; a value that is not known yet counts as one that does."""
    if spec.slot != "layers":
        return False
    reverse = spec.arguments.get("reverse", False)
    return spec.name == "Masking" or (spec.arguments.get("mask_zero", False) is not False and reverse is False)


def _handed_on(node: Node, found: dict[str, Node]) -> Node | None:
    """The node at which the mask of a call began; None where it ends, or there was none."""
    spec = node.spec
    origins = [found.get(tensor) for tensor in node.sources]
    if spec.slot != "layers" or spec.name in SOURCES or not any(origins) or not _passes(spec):
        return None
    if masking.wants_all_masks(spec.name):
        return origins[0] if all(origins) else None
    return next(filter(None, origins), None) if spec.name == "Concatenate" else origins[0]


def _passes(spec: Spec) -> bool:
    """Whether a layer hands the mask of its first tensor on."""
    component = catalogue.find("layers", spec.name)
    if component is None or component.own_file:
        return False  # Keras' `Layer` hands none on
    inner = spec.arguments.get("layer")
    if spec.name == "Bidirectional" and isinstance(inner, Spec):
        return _passes(inner)
    if component.parameter("return_sequences") is not None:
        return spec.arguments.get("return_sequences", False) is not False
    return catalogue.own_find("layers", spec.name) is not None or masking.passes_masks(spec.name)
