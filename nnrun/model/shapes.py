"""A walk over a graph by arithmetic alone: each node's output shape and parameters, and the steps that cannot fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nnrun import catalogue
from nnrun.config.spec import Reference, Spec
from nnrun.errors import Problem
from nnrun.model import arithmetic
from nnrun.model.arithmetic import Shape, ShapeError
from nnrun.model.graph import Graph

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One line of `nnrun show`; None is unknown."""

    name: str
    layer: str
    shape: Any
    parameters: int | None
    sources: tuple[str, ...]
    spec: Spec


def walk(graph: Graph, shapes: Mapping[str, Shape | None], facts: Facts) -> tuple[list[Row], list[Problem]]:
    """Rows for every node, and the shape errors; behind an error the shape is unknown: one mistake is said once."""
    known: dict[str, Any] = dict(shapes)
    rows: list[Row] = []
    problems: list[Problem] = []
    for node in graph.nodes:
        arguments = complete(node.spec, facts)
        given = [known.get(source) for source in node.sources]
        shape: Any = None
        parameters: int | None = None
        if not any(isinstance(item, list) for item in given):
            try:
                shape = arithmetic.output_shape(node.spec.name, arguments, given)
                parameters = arithmetic.parameters(node.spec.name, arguments, given)
            except ShapeError as error:
                problems.append(Problem(error.what, node.where, hint=error.hint))
        known[node.name] = shape
        rows.append(Row(node.name, node.spec.name, shape, parameters, node.sources, node.spec))
    return rows, problems


def complete(spec: Spec, facts: Facts) -> dict[str, Any]:
    """All arguments of a spec, Keras' defaults filled in; a fact that is not known yet is None."""
    component = catalogue.find(spec.slot, spec.name)
    defaults = component.defaults() if component else {}
    return {name: _value(value, facts) for name, value in {**defaults, **spec.arguments}.items()}


def _value(value: Any, facts: Facts) -> Any:
    if isinstance(value, Reference):
        found: Any = facts
        for part in value.path[1:]:
            found = found.get(part) if isinstance(found, Mapping) else None
        return found
    if isinstance(value, Spec):
        return Spec(value.name, complete(value, facts), value.where, value.slot)
    if isinstance(value, list | tuple):
        return [_value(item, facts) for item in value]
    return value
