"""Every layer, function and application that a model calls, those inside of others too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from nnrun.config.config import Config, Step
from nnrun.config.spec import Spec
from nnrun.model.graph import Node

_CALLED = ("layers", "ops", "applications", "losses")


def calls(config: Config, nodes: Sequence[Node]) -> list[Spec]:
    """The specs of the nodes, each followed by the layers that it holds; without nodes, those of the steps."""
    outer = (node.spec for node in nodes) if nodes else _written(config)
    return [spec for each in outer for spec in inside(each) if spec.slot in _CALLED]


def unfrozen(config: Config, nodes: Sequence[Node]) -> Sequence[Node]:
    """The nodes as all phases together train them: what one of them trains, is frozen no more."""
    rules = [(key, rule) for phase in config.phases for key, rule in phase.trainable.items() if rule is not False]
    return [_as_trained(node, rules) for node in nodes] if rules else nodes


def _as_trained(node: Node, rules: Sequence[tuple[str, Any]]) -> Node:
    spec, name = node.spec, node.layer or node.name
    if spec.arguments.get("trainable", True) is True:
        return node
    for key, rule in rules:
        if fnmatchcase(name, key) or key.startswith(f"{name}.") or name.startswith(f"{key}."):
            kept = rule.get("except", ()) if isinstance(rule, dict) else ()
            if not {spec.name, name, "BatchNormalization"} & {*([kept] if isinstance(kept, str) else kept)}:
                return replace(node, spec=replace(spec, arguments={**spec.arguments, "trainable": True}))
    return node


def inside(spec: Spec) -> Iterator[Spec]:
    """A spec and every spec among its arguments: the layer of a `Bidirectional`, the cell of an `RNN`."""
    yield spec
    for value in spec.arguments.values():
        yield from _inside_value(value)


def _inside_value(value: Any) -> Iterator[Spec]:
    if isinstance(value, Spec):
        yield from inside(value)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _inside_value(item)


def _written(config: Config) -> Iterator[Spec]:
    """The steps as they are written; a turn gives its own values to an argument, each of them a call."""
    model = config.model
    waiting = [*model.layers, *(one.step for one in (*model.outputs, *model.losses) if one.step is not None)]
    seen = set()
    while waiting:
        step = waiting.pop(0)
        yield from _turns(step)
        name = step.spec.name
        if step.spec.slot == "blocks" and name in model.blocks and name not in seen:
            seen.add(name)
            waiting += model.blocks[name].layers


def _turns(step: Step) -> Iterator[Spec]:
    spec = step.spec
    if spec.slot == "applications" and step.trainable is not None:
        spec = replace(spec, arguments={**spec.arguments, "trainable": step.trainable})
    given = {
        name: value
        for turns in (step.repeat, step.each)
        if turns is not None
        for name, value in turns.arguments.items()
    }
    for turn in range(max([len(values) for values in given.values() if isinstance(values, list | tuple)], default=1)):
        told = {name: values[turn] if _has(values, turn) else values for name, values in given.items()}
        yield replace(spec, arguments={**spec.arguments, **told})


def _has(values: Any, turn: int) -> bool:
    return isinstance(values, list | tuple) and turn < len(values)
