"""Shapes and parameters by arithmetic alone: what each call gives, and the steps that cannot fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from nnrun import catalogue
from nnrun.config.references import Reference
from nnrun.config.spec import Spec
from nnrun.errors import ConfigError, Problem
from nnrun.model import arithmetic, earlier, losses, saved
from nnrun.model.arithmetic import ShapeError, Tensor
from nnrun.model.graph import Graph, Node

# Tensors of a call that shape nothing: the state in which a recurrent layer begins, and masks.
_SHAPELESS = ("initial_state", "mask", "attention_mask", "query_mask", "value_mask", "key_mask", "count_weights")


@dataclass(frozen=True)
class Row:
    """One line of `nnrun show`; None is unknown.

    `fixed` are those of the parameters that are not trained, `multiply_adds` the work of one row of the data. A call of
    another step's layer names it as `shared`, and has no parameters of its own.
    """

    name: str
    layer: str
    shape: Any
    parameters: int | None
    sources: tuple[str, ...]
    spec: Spec
    fixed: int | None = 0
    multiply_adds: int | None = None
    shared: str = ""
    is_built: bool = False  # told by Keras, where the arithmetic ends

    @property
    def values(self) -> int | None:
        """How many numbers it gives for one row; None where that is not known."""
        shapes = self.shape if isinstance(self.shape, list) else [self.shape]
        counts = [None if shape is None else arithmetic.product(*shape) for shape in shapes]
        return arithmetic.total(*counts)


class Arithmetic:
    """Measures a graph while it is written out, and keeps a row for each call and what cannot fit.

    Behind an error the shape is unknown: one mistake is said once.
    """

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._problems: dict[str, Problem] = {}
        self._called: dict[str, list[Any]] = {}  # the shapes on which each layer was first called

    def __call__(self, node: Node, shapes: Mapping[str, Any]) -> Any:
        row = _row(node, None, parameters=None)
        try:
            if not node.is_doubtful:
                row = _function(node, shapes) if node.spec.name in arithmetic.OPERATIONS else _layer(node, shapes)
                self._again(node, row, [shapes.get(tensor) for tensor in node.sources])
        except ShapeError as error:
            hint = "\n    ".join(line for line in (error.hint, node.caller) if line)
            self._problems[node.name] = Problem(error.what, node.where, hint=hint)
        except ConfigError as error:  # of a network that was trained before
            self._problems[node.name] = error.problems[0]
        self._rows[node.name] = row
        return row.shape

    def _again(self, node: Node, row: Row, given: list[Any]) -> None:
        """Raises ShapeError where the weights that the first call of a layer made do not fit another call."""
        first = self._called.setdefault(node.layer, given)
        if node.is_shared and None not in given and first != given:
            arguments = complete(node.spec)
            made, needed = (arithmetic.parameters(row.layer, arguments, shapes) for shapes in (first, given))
            if None not in (made, needed) and made != needed:
                one, other = (", ".join(map(str, shapes)) for shapes in (first, given))
                what = f"{node.layer!r} has weights for rows of {one}, and is called again on rows of {other}"
                raise ShapeError(what, "call a layer of its own, or bring the rows to one shape before")

    def rows(self, graph: Graph) -> tuple[Row, ...]:
        """The rows of what the graph holds."""
        return tuple(
            earlier_row(self._rows[node.name], node) if earlier.is_earlier(node.spec) else self._rows[node.name]
            for node in graph.nodes
        )

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every call that cannot fit."""
        return tuple(self._problems.values())


def _layer(node: Node, shapes: Mapping[str, Any]) -> Row:
    if earlier.is_earlier(node.spec):
        return _earlier(node, shapes)
    if node.spec.slot == "losses":
        return _loss(node, shapes)
    earlier.weights_file(node.spec)
    name, arguments = node.spec.name, complete(node.spec)
    counted = [given for given in node.given if given.parameter not in _SHAPELESS]
    given = [shapes.get(tensor) for item in counted for tensor in item.tensors]
    if any(isinstance(item, list) for item in given):
        return _row(node, None, parameters=None)
    if node.spec.slot == "applications" and any(row is not None and len(row) != 3 for row in given):
        got = ", ".join(shape_text(row) for row in given)
        raise ShapeError(f"{name} needs pictures (height, width, channels); got {got}", "no Flatten before it")
    shape = arithmetic.output_shape(name, arguments, given)
    parameters = 0 if node.is_shared else arithmetic.parameters(name, arguments, given)
    fixed = arithmetic.fixed(name, arguments, given) if parameters else parameters
    return _row(node, shape, parameters, fixed, arithmetic.multiply_adds(name, arguments, given, shape))


def _loss(node: Node, shapes: Mapping[str, Any]) -> Row:
    """A loss of two tensors: a number for each row."""
    given = [shapes.get(tensor) for tensor in node.sources]
    if not losses.stands_in_a_graph(node.spec):
        raise ShapeError(f"{node.spec.name} compares an output with a target", "write it under `compile.loss`")
    for found in losses.problems(node.spec):
        raise ShapeError(found.what)
    for word in ("reduction", "dtype"):
        if word in node.spec.arguments:
            told = f"{word} has no place in a loss that is a step: it gives a number for each row, in float32"
            raise ShapeError(told, f"leave {word} away: losses of the graph are the mean of what they give")
    if losses.compares_views(node.spec) and None not in given and given[0] != given[1]:
        told = f"{node.spec.name} compares two views of the same rows, and is called on {given[0]} and {given[1]}"
        raise ShapeError(told, "one network for both, so that they have one shape")
    return _row(node, ())


def _earlier(node: Node, shapes: Mapping[str, Any]) -> Row:
    """A network that was trained before, as its file describes it."""
    network = saved.saved(earlier.find(node.spec), node.spec)
    given = shapes.get(node.sources[0]) if node.sources else None
    told = network.shape
    if given is not None and told is not None and saved.differ(told, given):
        problem = saved.other_rows(node.spec, told, given)
        raise ShapeError(problem.what, problem.hint)
    until, trainable = network.cut(node.spec), node.spec.arguments.get("trainable")
    if isinstance(trainable, Mapping) and "from" in trainable:
        network.require(str(trainable["from"]), node.spec)
    return _row(node, network.layer(until).shape, parameters=None)


def earlier_row(row: Row, node: Node) -> Row:
    """The row of a network that was trained before, with the parameters of what is read of it."""
    if row.shape is None or node.is_shared:
        return replace(row, parameters=0, fixed=0) if node.is_shared else row
    parameters, fixed = saved.counts(node.spec, node.taps)
    return replace(row, parameters=parameters, fixed=fixed)


def _function(node: Node, shapes: Mapping[str, Any]) -> Row:
    """A function of ops, which sees the batch as axis 0."""
    name, given = node.spec.name, complete(node.spec)
    component = catalogue.find("ops", name)
    assert component is not None
    for item in node.given:
        rows = [shapes.get(tensor) for tensor in item.tensors]
        tensors = [Tensor(None if row is None or isinstance(row, list) else (None, *row)) for row in rows]
        given[item.parameter or component.variadic] = tensors if item.several or not item.parameter else tensors[0]
    order = [*(parameter.name for parameter in component.parameters), component.variadic]
    arguments = {key: given[key] for key in dict.fromkeys([*order, *given]) if key in given}
    whole = arithmetic.result(name, arguments)
    if whole is None:
        return _row(node, None)
    shape: Any = (
        [arithmetic.row_of(name, one) for one in whole] if isinstance(whole, list) else arithmetic.row_of(name, whole)
    )
    return _row(node, shape, multiply_adds=arithmetic.multiply_adds(name, arguments, (), shape))


def _row(
    node: Node, shape: Any, parameters: int | None = 0, fixed: int | None = 0, multiply_adds: int | None = None
) -> Row:
    shared = node.layer if node.is_shared else ""
    fixed = None if parameters is None else fixed
    return Row(node.name, node.spec.name, shape, parameters, node.sources, node.spec, fixed, multiply_adds, shared)


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


def shape_text(shape: Any) -> str:
    """A shape as Python writes it, ? for what is not known."""
    if shape is None:
        return "?"
    if isinstance(shape, list):
        return ", ".join(shape_text(item) for item in shape)
    sizes = ", ".join("?" if size is None else str(size) for size in shape)
    return f"({sizes}{',' * (len(shape) == 1)})"
