"""A model as a graph of named calls. Needs no Keras: the check walks the same graph that the build makes layers of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from nnrun.config.spec import Spec
from nnrun.errors import Problem, Where


@dataclass(frozen=True)
class Given:
    """Tensors for one place of a call: `parameter` where it was named, `several` where they go as a list."""

    tensors: tuple[str, ...]
    parameter: str = ""
    several: bool = False


@dataclass(frozen=True)
class Node:
    """One call of a layer, a function of ops or an application; `layer` is the node that first called the same layer.

    A tensor is named like the node that gives it; where that gives several, `encoder.1` is the second.
    """

    name: str
    spec: Spec
    given: tuple[Given, ...]
    layer: str = ""
    caller: str = ""  # of a block: which, and where it is called
    named: bool = False
    taps: tuple[str, ...] = ()  # the layers of an application that are read, "" for its own output
    is_doubtful: bool = False  # its tensors or turns are wrong, which is told: nothing more is said of it

    @property
    def inside(self) -> bool:
        """Whether it stands in a block, whose named steps may be read from outside."""
        return bool(self.caller)

    @property
    def sources(self) -> tuple[str, ...]:
        """Every tensor that it is called on."""
        return tuple(tensor for given in self.given for tensor in given.tensors)

    @property
    def is_shared(self) -> bool:
        """Whether it calls the layer of another node."""
        return self.layer != self.name

    @property
    def where(self) -> Where:
        return self.spec.where


@dataclass(frozen=True)
class Graph:
    """A model's nodes in order; `outputs` and `losses` map their names to a tensor."""

    inputs: tuple[str, ...]
    nodes: tuple[Node, ...]
    outputs: Mapping[str, str]
    last: str
    problems: tuple[Problem, ...] = field(default=())
    losses: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_chain(self) -> bool:
        """Whether each node is a layer of its own that is called on the one above it: `Sequential` says it all."""
        above = self.inputs[0] if len(self.inputs) == 1 else ""
        for node in self.nodes:
            plain = node.spec.slot == "layers" and not node.is_shared and len(node.given) == 1
            if not plain or node.sources != (above,) or node.given[0].several or node.given[0].parameter:
                return False
            above = node.name
        return list(self.outputs.values()) == [above] and not self.losses

    def node_of(self, tensor: str) -> Node | None:
        """The node that gives a tensor; None for an input."""
        by_name = {node.name: node for node in self.nodes}
        while tensor and tensor not in by_name:
            tensor = tensor.rpartition(".")[0]
        return by_name.get(tensor)


def own_name(name: str, shared: Mapping[str, str]) -> str:
    """The name that a layer was made under; `shared` maps what is called again, a block around it too, to the first."""
    place = len(name)
    while place > 0:
        if name[:place] in shared:
            name = shared[name[:place]] + name[place:]
            place = len(name)
        else:
            place = name.rfind(".", 0, place)
    return name


def snake_case(name: str) -> str:
    """Keras' own rule for a layer's automatic name (keras/src/utils/naming.py)."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def blocks_of(name: str) -> tuple[str, ...]:
    """The blocks around a node, from outside to inside: `up.1.skip.0` stands in `up.1`, a turn of a step called up."""
    parts = name.split(".")
    # `skip.0` is a turn of a plain step, and `up` is only the name of the turns.
    return tuple(".".join(parts[:length]) for length in range(1, len(parts)) if not parts[length].isdecimal())
