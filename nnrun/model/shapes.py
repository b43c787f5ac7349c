"""Shapes and parameters by arithmetic alone: what each call gives, and the steps that cannot fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nnrun import catalogue
from nnrun.config.references import Reference
from nnrun.config.spec import Spec
from nnrun.errors import Problem
from nnrun.model import arithmetic
from nnrun.model.arithmetic import ShapeError
from nnrun.model.graph import Graph, Node

# Tensors of a call that shape nothing: the state in which a recurrent layer begins, and masks.
_SHAPELESS = ("initial_state", "mask", "attention_mask", "query_mask", "value_mask", "key_mask", "count_weights")


@dataclass(frozen=True)
class Row:
    """One line of `nnrun show`; None is unknown."""

    name: str
    layer: str
    shape: Any
    parameters: int | None
    sources: tuple[str, ...]
    spec: Spec


class Arithmetic:
    """Measures a graph while it is written out, and keeps a row for each call and what cannot fit.

    Behind an error the shape is unknown: one mistake is said once.
    """

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._problems: dict[str, Problem] = {}

    def __call__(self, node: Node, shapes: Mapping[str, Any]) -> Any:
        spec = node.spec
        arguments = complete(spec)
        counted = [given for given in node.given if given.parameter not in _SHAPELESS]
        given = [shapes.get(tensor) for item in counted for tensor in item.tensors]
        shape: Any = None
        parameters: int | None = None
        if not any(isinstance(item, list) for item in given):
            try:
                shape = arithmetic.output_shape(spec.name, arguments, given)
                parameters = 0 if node.is_shared else arithmetic.parameters(spec.name, arguments, given)
            except ShapeError as error:
                self._problems[node.name] = Problem(error.what, node.where, hint=error.hint)
        self._rows[node.name] = Row(node.name, spec.name, shape, parameters, node.sources, spec)
        return shape

    def rows(self, graph: Graph) -> tuple[Row, ...]:
        """The rows of what the graph holds."""
        return tuple(self._rows[node.name] for node in graph.nodes)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every call that cannot fit."""
        return tuple(self._problems.values())


def complete(spec: Spec) -> dict[str, Any]:
    """All arguments of a spec, Keras' defaults filled in; what is not known yet is None."""
    component = catalogue.find(spec.slot, spec.name)
    defaults = component.defaults() if component else {}
    if component and spec.slot == "layers":
        defaults = {
            parameter.name: parameter.default for parameter in component.call if not parameter.required
        } | defaults
    return {name: _value(value) for name, value in {**defaults, **spec.arguments}.items()}


def _value(value: Any) -> Any:
    if isinstance(value, Reference):
        return None
    if isinstance(value, Spec):
        return Spec(value.name, complete(value), value.where, value.slot)
    if isinstance(value, list | tuple):
        return [_value(item) for item in value]
    return value
