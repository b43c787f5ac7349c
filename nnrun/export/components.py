"""Specs as calls of Keras' classes and functions, their arguments as Python values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Component
from nnrun.config.references import Reference
from nnrun.config.spec import Spec
from nnrun.errors import ConfigError, Problem
from nnrun.export.code import Call, Code, Script
from nnrun.export.pasted import paste

_SHORT = {"keras.layers": "layers", "keras.ops": "ops"}


def component_of(spec: Spec) -> Component:
    """What the spec names."""
    found = catalogue.find(spec.slot, spec.name)
    if found is None:
        raise ConfigError([Problem(f"there is no {spec.name!r} among the {spec.slot}", spec.where)])
    return found


def function_of(script: Script, component: Component) -> str:
    """How the script calls a component; what is nnrun's own is written into it."""
    if component.module.startswith("nnrun."):
        paste(script, component.module, component.name)
        return component.name
    name = component.name.rpartition(".")[2]
    if component.slot == "ops":
        script.need("from keras import ops")
        return component.name
    if component.module in _SHORT:
        script.need(f"from keras import {_SHORT[component.module]}")
        return f"{_SHORT[component.module]}.{name}"
    script.need("import keras")
    return f"{component.module}.{name}"


def made(script: Script, spec: Spec, **further: Any) -> Any:
    """The spec as a call; an activation by its name, as Keras takes it."""
    if spec.slot == "activations" and not spec.arguments:
        return spec.name
    if spec.slot == "dtype_policies" and not spec.arguments:
        return spec.name
    component = component_of(spec)
    arguments = {name: value(script, item) for name, item in {**spec.arguments, **further}.items()}
    first = component.parameters[0].name if component.parameters else None
    places: tuple[Any, ...] = ()
    if first in arguments and component.parameters[0].required:
        places = (arguments.pop(first),)
    return Call(function_of(script, component), places, arguments)


def value(script: Script, argument: Any) -> Any:
    """An argument as the script writes it."""
    if isinstance(argument, Spec):
        return made(script, argument)
    if isinstance(argument, Reference):
        what = f"{argument} is known only once the layers are built, and cannot be written into a script"
        raise ConfigError([Problem(what, argument.where, "a number")])
    if isinstance(argument, list | tuple):
        return [value(script, item) for item in argument]
    if isinstance(argument, Mapping):
        return {key: value(script, item) for key, item in argument.items()}
    return argument


def of_the_data(reference: Any, facts: Mapping[tuple[str, ...], str]) -> Code | None:
    """A reference to what the data tells, as an expression of the script's variables; None where it reads more."""
    if not isinstance(reference, Reference) or not reference.is_whole:
        return None
    text = reference.text[1:]
    text = text[1:-1] if text.startswith("(") else text
    for path in sorted(set(reference.names), key=len, reverse=True):
        if path not in facts:
            return None
        text = text.replace(".".join(path), facts[path])
    return Code(text)
