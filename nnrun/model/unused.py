"""Nothing is ignored: every step and every input leads to an output or a loss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from nnrun.config.config import Model
from nnrun.model.graph import Graph, Node

if TYPE_CHECKING:
    from nnrun.model.expansion import _Expansion


def unused(
    expansion: _Expansion, model: Model, outputs: Mapping[str, str], losses: Mapping[str, str], last: str
) -> Graph:
    """The graph of what is reached; the rest is a problem, but for named steps of a block, which may be read."""
    nodes = expansion.nodes
    ends = [*outputs.values(), *losses.values()]
    used = reached(nodes, ends)
    if not expansion.problems:
        readable = reached(nodes, [*ends, *(node.name for node in nodes.values() if node.inside and node.named)])
        # A step of a block is written once for all of its uses: the last of a chain may leave out what the others need.
        needed = {node.where for node in nodes.values() if node.inside and node.name in readable}
        idle = {node.where: node for node in reversed(nodes.values()) if node.name not in readable}
        for where, node in reversed(idle.items()):
            if where not in needed:
                hint = "use its name in a later `from`, make it an output, or delete it"
                hint = "\n    ".join(line for line in (hint, node.caller) if line)
                expansion.say(where, f"the step {node.name!r} leads to no output", hint=hint)
        for name in expansion.inputs:
            if name not in used:
                hint = f"begin a step with `from: {name}`, or leave its columns out of data.features"
                expansion.say(model.where, f"the input {name!r} is used by no step", hint=hint)
    taps = _taps(nodes, ends, used)
    kept = tuple(replace(node, taps=taps.get(node.name, ())) for node in nodes.values() if node.name in used)
    return Graph(expansion.inputs, kept, outputs, last, tuple(expansion.problems), losses)


def owner(nodes: Mapping[str, Node], tensor: str) -> str:
    """The node that gives a tensor, the tensor itself where it is an input."""
    name = tensor
    while name and name not in nodes:
        name = name.rpartition(".")[0]
    return name or tensor


def reached(nodes: Mapping[str, Node], ends: Iterable[str]) -> set[str]:
    """The nodes, and the inputs, on the way to some tensors."""
    found: set[str] = set()
    waiting = [owner(nodes, end) for end in ends]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            node = nodes.get(name)
            waiting += [owner(nodes, tensor) for tensor in node.sources] if node else []
    return found


def _taps(nodes: Mapping[str, Node], ends: Iterable[str], used: set[str]) -> dict[str, tuple[str, ...]]:
    """The layers of each application that something reads."""
    found: dict[str, dict[str, None]] = {}
    read = [tensor for name in used if name in nodes for tensor in nodes[name].sources]
    for tensor in (*read, *ends):
        name = owner(nodes, tensor)
        if name in nodes and nodes[name].spec.slot == "applications":
            found.setdefault(name, {})[tensor[len(name) + 1 :]] = None
    return {name: tuple(sorted(taps)) for name, taps in found.items()}
