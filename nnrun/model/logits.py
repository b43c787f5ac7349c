"""Whether an output gives probabilities or logits, seen from the graph; a loss that reads it otherwise is refused."""

from __future__ import annotations

from typing import Literal

from nnrun import catalogue
from nnrun.config.spec import Spec
from nnrun.errors import Problem, Where
from nnrun.model.graph import Graph
from nnrun.model.losses import parts

Scale = Literal["logits", "probabilities"]

# Layers that hand the values on as they are (dropout does so when it counts).
PASSING = frozenset(
    {
        "AlphaDropout",
        "Dropout",
        "Flatten",
        "GaussianDropout",
        "GaussianNoise",
        "Identity",
        "Permute",
        "Reshape",
        "SpatialDropout1D",
        "SpatialDropout2D",
        "SpatialDropout3D",
    }
)
_PROBABILITIES = frozenset({"softmax", "sigmoid", "hard_sigmoid"})


def scale(graph: Graph, name: str) -> Scale | None:
    """What the node gives; None where it cannot be told."""
    nodes = {node.name: node for node in graph.nodes}

    def of(name: str) -> Scale | None:
        node = nodes.get(name)
        if node is None or node.spec.slot != "layers":
            return None
        if node.spec.name in PASSING:
            return of(node.sources[0])
        if node.spec.name in ("Add", "Average"):
            told = {of(source) for source in node.sources}
            both = next(iter(told)) if len(told) == 1 else None
            return both if node.spec.name == "Average" or both == "logits" else None
        return of_layer(node.spec)

    return of(name)


def of_layer(spec: Spec) -> Scale | None:
    """What a layer gives by itself; None where it cannot be told."""
    inner = spec.arguments.get("layer")
    if spec.name == "TimeDistributed" and isinstance(inner, Spec):
        return of_layer(inner)
    if spec.name == "Softmax":
        return "probabilities"
    component = catalogue.find("layers", spec.name)
    parameter = component.parameter("activation") if component else None
    if parameter is None:
        return None
    written = spec.arguments.get("activation", parameter.default)
    activation = written.name if isinstance(written, Spec) else written
    if activation in (None, "linear"):
        return "logits"
    return "probabilities" if activation in _PROBABILITIES else None


def reads_logits(loss: Spec) -> bool | None:
    """Whether a loss takes logits; None for one that knows no difference."""
    for part in parts(loss):
        component = catalogue.find("losses", part.name)
        parameter = component.parameter("from_logits") if component else None
        if parameter is not None:
            return bool(part.arguments.get("from_logits", parameter.default))
    return None


def contradiction(output: str, given: Scale | None, loss: Spec, where: Where | None) -> Problem | None:
    """A loss that reads logits where probabilities come, or the other way round: Keras trains on nonsense there."""
    reads = reads_logits(loss)
    if given is None or reads is None or reads == (given == "logits"):
        return None
    if reads:
        what = f"the loss {loss.name} reads logits, and the output {output!r} gives probabilities already"
        return Problem(what, where, hint="leave from_logits out, or take the last activation away")
    what = f"the output {output!r} ends without an activation, and the loss {loss.name} reads probabilities"
    hint = "or give the last layer `activation: softmax` (sigmoid for one unit)"
    return Problem(what, where, f"`loss: {{{loss.name}: {{from_logits: true}}}}`", hint)
