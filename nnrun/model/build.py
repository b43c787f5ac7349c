"""Specs and a graph to Keras objects. Keras' own refusals come back with the YAML's place, never as a traceback."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Parameter
from nnrun.catalogue.activation_layers import LAYERS
from nnrun.config.config import Model
from nnrun.config.expressions import UNKNOWN, BadReference
from nnrun.config.references import Reference, problem
from nnrun.config.spec import Spec
from nnrun.errors import ConfigError, NnrunError, Problem
from nnrun.model import backbone, framework, own_files
from nnrun.model.expansion import expand
from nnrun.model.facts import Facts, fact
from nnrun.model.graph import Given, Graph, Node
from nnrun.model.initializers._arrays import forget
from nnrun.model.logged import named
from nnrun.model.losses._step import compared
from nnrun.model.sources import SOURCES
from nnrun.model.telling import Ended


def make(spec: Spec, facts: Facts) -> Any:
    """The Keras object that a spec names; nested specs are made first, references are looked up."""
    framework.keras()
    if spec.slot == "activations" and not spec.arguments:
        return spec.name  # by name, so that a saved model opens anywhere
    if spec.slot == "activations" and spec.name in LAYERS:
        spec = replace(spec, name=LAYERS[spec.name], slot="layers")
    component = catalogue.find(spec.slot, spec.name) or catalogue.own_find(spec.slot, spec.name)
    if component is None:
        raise ConfigError([Problem(f"there is no {spec.name!r} among the {spec.slot}", spec.where)])
    if spec.slot == "metrics":
        spec = named(spec)
    arguments = {name: value(argument, facts) for name, argument in spec.arguments.items()}
    try:
        with own_files.known_to_keras():
            return own_files.make(component, arguments) if component.own_file else _function(component)(**arguments)
    except NnrunError:
        raise
    except Exception as error:  # whatever Keras raises, the reader of the YAML needs its place
        raise refused(spec, error) from None


def _function(component: Any) -> Any:
    return getattr(import_module(component.module), component.name.rpartition(".")[2])


def is_text(metric: Spec) -> bool:
    """Whether a metric is a text that Keras reads by itself, with the shapes that it meets: `accuracy`."""
    component = catalogue.find("metrics", metric.name)
    return not (metric.arguments or metric.name[:1].isupper() or (component and component.own_file))


def value(argument: Any, facts: Facts) -> Any:
    """An argument as Keras takes it."""
    if isinstance(argument, Spec):
        return make(argument, facts)
    if isinstance(argument, Reference):
        try:
            found = argument.value(lambda path: fact(facts, path[1:]) if path[0] == "data" else UNKNOWN)
        except BadReference as error:
            raise ConfigError([problem(error, argument.where)]) from None
        if found is UNKNOWN:
            told = f"{argument} is not known: the data does not tell it, or it differs from row to row"
            raise ConfigError([Problem(told, argument.where)])
        return value(found, facts)
    if isinstance(argument, list | tuple):
        return [value(item, facts) for item in argument]
    return getattr(argument, "array", argument)  # vectors of words, which are data


def refused(spec: Spec, error: Exception) -> ConfigError:
    """Keras' message, its first paragraph that gives a reason, at the place of the spec."""
    text = re.sub(r"\x1b\[\d+m", "", str(error)).strip() or type(error).__name__
    first, *others = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
    if others and first.startswith("Exception encountered when calling"):
        first = others[0]  # the reason stands below
    place = own_files.place(error)
    if place:
        return ConfigError([Problem(f"{spec.name} fails in {place}", spec.where)])
    who = f"Keras refuses {spec.name}"
    return ConfigError([Problem(f"{who}: {first[:400]}", spec.where)])


@dataclass(frozen=True)
class Built:
    """A Keras model, and the graph as it was written out with the shapes of its layers."""

    model: Any
    graph: Graph
    tensors: Mapping[str, Any]

    def output_shape(self, output: str) -> tuple[int | None, ...]:
        """The shape of one row of an output."""
        return tuple(self.tensors[self.graph.outputs[output]].shape[1:])


def build(
    plan: Graph,
    model: Model,
    shapes: Mapping[str, tuple[int | None, ...]],
    dtypes: Mapping[str, str],
    heads: Mapping[str, Spec],
    facts: Facts,
    name: str,
    precision: str = "float32",
    shared: dict[str, Any] | None = None,
) -> Built:
    """The Keras model: Sequential where it is a chain, functional where it is not. `plan` is its graph by arithmetic.

    `shared` are the layers of models that several call, by path; those that are made here join them.
    Whatever the precision, the layers that give the outputs compute in float32: a loss needs all digits.
    """
    with _dtype_policy(precision):
        keras = framework.keras()
        inputs = {key: keras.Input(shapes[key], name=key, dtype=dtypes.get(key)) for key in plan.inputs}
        maker = _Maker(plan, inputs, facts, precision)
        if shared is not None:
            maker.layers = shared
        graph = expand(model, shapes, heads, facts, maker)
        if graph.problems:
            raise ConfigError(graph.problems)
        return Built(_model(graph, inputs, maker, _model_name(name)), graph, maker.tensors)


def _model(graph: Graph, inputs: Mapping[str, Any], maker: _Maker, name: str) -> Any:
    keras = framework.keras()
    given = inputs if len(inputs) > 1 else next(iter(inputs.values()))  # a single input is called with a bare array
    if graph.is_chain and all(isinstance(layer, keras.Layer) for layer in maker.layers.values()):
        return keras.Sequential([*inputs.values(), *(maker.layers[node.name] for node in graph.nodes)], name=name)
    ends = {name: maker.tensors[tensor] for name, tensor in (*graph.outputs.items(), *graph.losses.items())}
    return keras.Model(given, ends if len(ends) > 1 else next(iter(ends.values())), name=name)


@contextmanager
def _dtype_policy(name: str) -> Iterator[None]:
    """Keras' dtype policy for what is made inside; afterwards that of the process, which may be a notebook's."""
    config = framework.keras().config
    before = config.dtype_policy()
    config.set_dtype_policy(name)
    try:
        yield
    finally:
        config.set_dtype_policy(before)


class _Maker:
    """Measures a graph by making its layers, while it is written out."""

    def __init__(self, plan: Graph, inputs: Mapping[str, Any], facts: Facts, precision: str) -> None:
        self.tensors: dict[str, Any] = dict(inputs)
        self.layers: dict[str, Any] = {}
        self._inputs, self._facts, self._precision = inputs, facts, precision
        self._planned = {node.name: node for node in plan.nodes}
        ends = (plan.node_of(tensor) for tensor in (*plan.outputs.values(), *plan.losses.values()))
        self._last = {node.name for node in ends if node is not None}

    def __call__(self, node: Node, shapes: Mapping[str, Any]) -> Any:
        if node.is_doubtful:
            raise Ended
        with _dtype_policy("float32" if node.name in self._last else self._precision):
            try:
                made = self._made(node)
            except ConfigError as error:
                raise ConfigError(_called(found, node.caller) for found in error.problems) from None
        self.tensors[node.name] = made
        if isinstance(made, list | tuple):
            self.tensors.update({f"{node.name}.{index}": tensor for index, tensor in enumerate(made)})
            return [tuple(tensor.shape[1:]) for tensor in made]
        if isinstance(made, Mapping):  # an application, by the layers that are read
            self.tensors.update({f"{node.name}.{tap}".rstrip("."): tensor for tap, tensor in made.items()})
            made = made.get("", next(iter(made.values())))
        if node.spec.slot == "ops" and made.shape[:1] != (None,):
            told = f"{node.spec.name} gives the shape {tuple(made.shape)}, and axis 0 must stay the batch"
            raise ConfigError([Problem(told, node.where, hint="functions of ops see the batch as axis 0")])
        return tuple(made.shape[1:])

    def _made(self, node: Node) -> Any:
        if node.spec.slot in ("ops", "losses"):
            return self._function(node)
        if node.spec.slot == "applications":
            taps = self._planned[node.name].taps if node.name in self._planned else ("",)
            tensor = self.tensors[node.sources[0]]
            arguments, pictures = self._arguments(node.spec.arguments), self._is_picture(node.sources[0])
            try:
                return backbone.call(node, tensor, taps, arguments, self.layers, of_pictures=pictures)
            except NnrunError:
                raise
            except Exception as error:  # whatever Keras raises, the reader of the YAML needs its place
                raise refused(node.spec, error) from None
        if node.layer not in self.layers:
            self.layers[node.layer] = make(self._of_constructor(node), self._facts)
        layer = self.layers[node.layer]
        if node.spec.name in SOURCES:
            made = layer(next(iter(self._inputs.values())))
            _name_operations(made, f"{node.name}.rows", self.tensors.values())
            return made
        places, names = self._tensors(node.given)
        try:
            made = layer(*places, **names, **self._of_call(node))
        except Exception as error:  # whatever Keras raises, the reader of the YAML needs its place
            raise refused(node.spec, error) from None
        forget(layer)
        if any(made is tensor for tensor in self.tensors.values()):
            told = "gives back the very tensor that it is called on, and no model of Keras can hold it"
            what = f"{node.spec.name} {told}"
            raise ConfigError([Problem(what, node.where, hint="prepare the data with it instead")])
        return made

    def _is_picture(self, tensor: str) -> bool:
        """Whether a tensor is an input of pictures, with nothing before it but what keeps it one."""
        while tensor in self._planned and backbone.is_picture(self._planned[tensor].spec.name):
            tensor = self._planned[tensor].sources[0]
        return tensor in self._inputs and len(self._inputs[tensor].shape) == 4

    def _of_constructor(self, node: Node) -> Spec:
        component = catalogue.find("layers", node.spec.name)
        taken = {name: item for name, item in node.spec.arguments.items() if component and component.parameter(name)}
        return Spec(node.spec.name, {**taken, "name": node.name}, node.where, node.spec.slot)

    def _of_call(self, node: Node) -> dict[str, Any]:
        component = catalogue.find("layers", node.spec.name)
        others = {n: item for n, item in node.spec.arguments.items() if component and not component.parameter(n)}
        return self._arguments(others)

    def _arguments(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value(item, self._facts) for name, item in arguments.items()}

    def _tensors(self, given: tuple[Given, ...]) -> tuple[list[Any], dict[str, Any]]:
        """The tensors in their places, and those by the names of parameters."""
        found = [(item.parameter, [self.tensors[tensor] for tensor in item.tensors], item.several) for item in given]
        read = [(parameter, tensors if several else tensors[0]) for parameter, tensors, several in found]
        return [tensor for parameter, tensor in read if not parameter], {name: item for name, item in read if name}

    def _function(self, node: Node) -> Any:
        component = catalogue.find(node.spec.slot, node.spec.name)
        assert component is not None
        given = self._arguments(node.spec.arguments)
        arguments = {name: _written(component.parameter(name), item) for name, item in given.items()}
        places, names = self._tensors(node.given)
        if component.variadic:  # einsum: what is written stands before the tensors
            first = [arguments.pop(parameter.name) for parameter in component.parameters if parameter.name in arguments]
            places = [*first, *(places[0] if node.given[0].several else places)]
        try:
            is_loss = node.spec.slot == "losses"
            called = compared(make(node.spec, self._facts)) if is_loss else partial(_function(component), **arguments)
            made = called(*places, **names)
            _name_operations(made, node.name, self.tensors.values())
            return made
        except Exception as error:  # whatever Keras raises, the reader of the YAML needs its place
            raise refused(node.spec, error) from None


def _written(parameter: Parameter | None, given: Any) -> Any:
    """Lists as a function of Keras wants them: an array in the place of a tensor, a tuple in every other."""
    import numpy as np

    if parameter is not None and parameter.kind == "tensor" and isinstance(given, list):
        numbers = np.asarray(given)
        return numbers.astype("float32") if numbers.dtype.kind == "f" else numbers
    return tuple(_written(None, item) for item in given) if isinstance(given, list) else given


def _name_operations(made: Any, name: str, known: Iterable[Any]) -> None:
    """The operations of a function carry the step's name: Keras' own would clash with layers that are called so."""
    seen = {id(tensor) for tensor in known}
    waiting = list(made) if isinstance(made, list | tuple) else [made]
    named, holds_layer = dict[int, Any](), False  # a layer has the step's name already
    while waiting:
        tensor = waiting.pop()
        history = getattr(tensor, "_keras_history", None)
        if history is None or id(tensor) in seen:
            continue
        seen.add(id(tensor))
        if isinstance(history.operation, framework.keras().Layer):
            holds_layer = True
        else:
            named[id(history.operation)] = history.operation
        waiting += history.operation._inbound_nodes[-1].input_tensors
    for count, operation in enumerate(named.values(), start=int(holds_layer)):
        operation.name = f"{name}.{count}" if count else name


def _called(found: Problem, caller: str) -> Problem:
    """A problem inside of a block, with the place of the call."""
    return replace(found, hint="\n    ".join(line for line in (found.hint, caller) if line))


def _model_name(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "_-." else "_" for letter in name) or "model"
