"""Specs and a graph to Keras objects. Keras' own refusals come back with the YAML's place, never as a traceback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from nnrun import catalogue
from nnrun.config.spec import Reference, Spec
from nnrun.errors import ConfigError, Problem
from nnrun.model import framework
from nnrun.model.graph import Graph, Node
from nnrun.model.logged import named

Facts = Mapping[str, Any]


def make(spec: Spec, facts: Facts) -> Any:
    """The Keras object that a spec names; nested specs are made first, references are looked up."""
    framework.keras()
    if spec.slot == "activations" and not spec.arguments:
        return spec.name  # by name, so that a saved model opens anywhere
    component = catalogue.find(spec.slot, spec.name)
    if component is None:
        raise ConfigError([Problem(f"there is no {spec.name!r} among the {spec.slot}", spec.where)])
    if spec.slot == "metrics":
        spec = named(spec)
    arguments = {name: value(argument, facts) for name, argument in spec.arguments.items()}
    try:
        return getattr(import_module(component.module), component.name)(**arguments)
    except Exception as error:  # whatever Keras raises, the reader of the YAML needs its place
        raise refused(spec, error) from None


def value(argument: Any, facts: Facts) -> Any:
    """An argument as Keras takes it."""
    if isinstance(argument, Spec):
        return make(argument, facts)
    if isinstance(argument, Reference):
        return lookup(argument, facts)
    if isinstance(argument, list | tuple):
        return [value(item, facts) for item in argument]
    return argument


def lookup(reference: Reference, facts: Facts) -> Any:
    """The value of `$data.num_classes` or `$data.<input>.vocabulary_size`."""
    found: Any = facts
    for part in reference.path[1:]:
        if not isinstance(found, Mapping) or part not in found:
            known = _flat(facts)
            raise ConfigError(
                [
                    Problem(
                        f"{reference} is not known",
                        reference.where,
                        ", ".join(f"$data.{name}" for name in known),
                    )
                ]
            )
        found = found[part]
    return found


def _flat(facts: Facts) -> list[str]:
    names = []
    for key, inner in facts.items():
        names += [f"{key}.{name}" for name in _flat(inner)] if isinstance(inner, Mapping) else [key]
    return names


def refused(spec: Spec, error: Exception) -> ConfigError:
    """Keras' message, its first paragraph, at the place of the spec."""
    text = str(error).strip() or type(error).__name__
    first = " ".join(text.split("\n\n")[0].split())
    return ConfigError([Problem(f"Keras refuses {spec.name}: {first[:400]}", spec.where)])


def build(
    graph: Graph,
    shapes: Mapping[str, tuple[int | None, ...]],
    dtypes: Mapping[str, str],
    facts: Facts,
    name: str,
    precision: str = "float32",
) -> Any:
    """The Keras model of a graph: Sequential where it is a chain, functional where it is not.

    Whatever the precision, the layers that give the outputs compute in float32: a loss needs all digits.
    """
    with _dtype_policy(precision):
        return _build(graph, shapes, dtypes, facts, name, precision)


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


def _build(
    graph: Graph,
    shapes: Mapping[str, tuple[int | None, ...]],
    dtypes: Mapping[str, str],
    facts: Facts,
    name: str,
    precision: str,
) -> Any:
    keras = framework.keras()
    tensors: dict[str, Any] = {
        input_name: keras.Input(shapes[input_name], name=input_name, dtype=dtypes.get(input_name))
        for input_name in graph.inputs
    }
    inputs = dict(tensors)
    given = inputs if len(inputs) > 1 else next(iter(inputs.values()))  # a single input is called with a bare array
    layers, last = {}, set(graph.outputs.values())
    for node in graph.nodes:
        with _dtype_policy("float32" if node.name in last else precision):
            layers[node.name] = layer = make(_named(node), facts)
        tensors[node.name] = _call(layer, node, tensors)
    if graph.is_chain:
        model = keras.Sequential([inputs[graph.inputs[0]], *layers.values()], name=_model_name(name))
    elif len(graph.outputs) == 1:
        model = keras.Model(given, next(tensors[node] for node in graph.outputs.values()), name=_model_name(name))
    else:
        model = keras.Model(
            given, {output: tensors[node] for output, node in graph.outputs.items()}, name=_model_name(name)
        )
    return model


def _named(node: Node) -> Spec:
    return Spec(node.spec.name, {**node.spec.arguments, "name": node.name}, node.where, node.spec.slot)


def _call(layer: Any, node: Node, tensors: Mapping[str, Any]) -> Any:
    given = [tensors[source] for source in node.sources]
    component = catalogue.find("layers", node.spec.name)
    required = [p for p in component.call if p.required] if component else []
    try:
        if len(required) > 1 and len(given) > 1:
            return layer(*given)  # MultiHeadAttention: query, value
        return layer(given if node.several and len(given) > 1 else given[0])
    except Exception as error:
        raise refused(node.spec, error) from None


def _model_name(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "_-." else "_" for letter in name) or "model"
