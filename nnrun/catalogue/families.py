"""The families of names, and everything that Keras exports in them, without importing Keras."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from nnrun.catalogue import docstring, operations, reader
from nnrun.catalogue.component import Component, Parameter
from nnrun.catalogue.dtypes import policies
from nnrun.catalogue.exclusions import EXCLUDED
from nnrun.catalogue.joined import joined_find, joined_names
from nnrun.catalogue.own_components import own_find, own_index
from nnrun.catalogue.string_names import CHOSEN_BY_TASK, class_of_function, string_names

_MODULES = {
    "layers": "keras.layers",
    "optimizers": "keras.optimizers",
    "schedules": "keras.optimizers.schedules",
    "losses": "keras.losses",
    "metrics": "keras.metrics",
    "callbacks": "keras.callbacks",
    "initializers": "keras.initializers",
    "regularizers": "keras.regularizers",
    "constraints": "keras.constraints",
    "activations": "keras.activations",
    "applications": "keras.applications",
    "ops": "keras.ops",
    "dtype_policies": "keras.dtype_policies",
    "distillation": "keras.distillation",
}
SLOTS: tuple[str, ...] = tuple(_MODULES)
_CALL_WORDS = ("training",)  # the trainer gives it
_LAYER_WORDS = ("trainable", "dtype", "name")  # the others of `Layer` are not taken by every layer

# Where Keras' code takes more, or other, than its docstring says.
_KINDS = {
    "kernel_size": "integers",
    "pool_size": "integers",
    "strides": "integers",
    "dilation_rate": "integers",
    "lora_alpha": "number",  # its docstring says integer
    "name": "string",
    "verbose": "any",  # true and false are taken as well
    "factor": "any",  # the image layers also take a range
    "value": "any",  # Constant also takes an array
    "offset": "any",  # Rescaling takes one for each channel
}
# The same words mean more in functions than in layers.
_OPERATION_KINDS = {
    **dict.fromkeys(("axis", "repeats", "shift", "source", "destination", "indices_or_sections", "kth"), "integers"),
    **dict.fromkeys(("shape", "newshape", "output_shape"), "shape"),
    **dict.fromkeys(("axes", "pad_width", "size"), "any"),
    **dict.fromkeys(("subscripts", "pattern"), "string"),
    "dtype": "dtype",
}


def names(slot: str) -> tuple[str, ...]:
    """Every canonical name of a family, sorted; empty for a family that Keras does not have."""
    return tuple(sorted({*_index(slot).values(), *joined_names(slot)}))


@cache
def aliases(slot: str) -> Mapping[str, str]:
    """Every other name of a family, with the canonical name that it stands for."""
    return MappingProxyType({alias: name for alias, name in _index(slot).items() if alias != name})


def canonical(slot: str, name: str) -> str | None:
    """The one name that a name or an alias of a family stands for: `mse`, `MeanSquaredError`."""
    return name if joined_find(slot, name) else _index(slot).get(name)


def slots_of(name: str) -> tuple[str, ...]:
    """The families in which a name or an alias occurs, in the order of SLOTS."""
    return tuple(slot for slot in SLOTS if canonical(slot, name))


def find(slot: str, name: str) -> Component | None:
    """What a name or an alias of a family is and takes; None where the family has no such name."""
    own = joined_find(slot, name)
    found = None if own else canonical(slot, name)
    return _component(slot, found) if found else own


def first_parameter(component: Component) -> Parameter | None:
    """What `Name: value` sets; None where the signature names nothing of its own (`Add`).

    The first parameter of a function of ops is the step's tensor, which comes with `from`: `ops.add: 0.5` sets x2.
    """
    called = bool(component.parameters) and component.parameters[0].kind in ("tensor", "tensors")
    parameters = component.parameters[int(called) :]
    first = parameters[0] if parameters else None
    inherited = {parameter.name for parameter in layer_parameters()} if component.slot == "layers" else set()
    return None if first is None or first.name in inherited else first


@cache
def _index(slot: str) -> Mapping[str, str]:
    """Every name and alias of a family, with its canonical name: the class's own, where that is exported."""
    if slot == "ops":
        return operations.index(frozenset(EXCLUDED[slot]))
    module = reader.load(_MODULES[slot]) if slot in _MODULES else None
    if module is None:
        return MappingProxyType({})
    public = {
        name: own
        for name, (target, own) in module.imports.items()
        if target.startswith("keras.src") and name not in EXCLUDED[slot]
    }
    index = {name: own if own in public else name for name, own in public.items()}
    if slot in ("losses", "metrics"):
        classes = [name for name in index.values() if not name.islower()]
        index = {
            name: target
            for name, own in index.items()
            if (target := class_of_function(own, classes) if own.islower() else own)
        }
    index |= {name: name for name in _words(slot)}
    return MappingProxyType(dict(own_index(slot)) | string_names(slot, set(index.values())) | index)


def _words(slot: str) -> Mapping[str, str]:
    """The names of a family that are words for Keras and no class or function of it, each with what it means."""
    return policies() if slot == "dtype_policies" else CHOSEN_BY_TASK.get(slot, {})


@cache
def _component(slot: str, name: str) -> Component:
    """What Keras has under a name, else what nnrun has; where both have it, ours adds what it alone takes."""
    ours = own_find(slot, name)
    if ours is None:
        return of_keras(slot, name)
    if reader.locate(_MODULES[slot], name) is None:
        return ours
    theirs = of_keras(slot, name)
    added = tuple(parameter for parameter in ours.parameters if theirs.parameter(parameter.name) is None)
    told = {parameter.name: parameter.doc for parameter in ours.parameters}  # of both, where they differ
    shared = tuple(replace(item, doc=told.get(item.name) or item.doc) for item in theirs.parameters)
    return replace(theirs, parameters=shared + added, doc=ours.doc)


@cache
def of_keras(slot: str, name: str) -> Component:
    """What Keras alone has under a canonical name, without what nnrun adds to it."""
    public, own = operations.home(name) if slot == "ops" else (_MODULES[slot], name)
    found = reader.locate(public, own)
    if found is None:
        return Component(name, slot, public, doc=_words(slot).get(name, ""))
    source, node = found
    doc = _documentation(source, node.name, reader.documentation(node))
    if not isinstance(node, reader.ClassNode):
        parameters = parameters_of(slot, reader.signature(source, node), doc)
        # An activation is called on the tensor before it; a config gives only what comes after.
        described = Component(name, slot, public, parameters[slot == "activations" :], doc=doc)
        return operations.component(described, source, node) if slot == "ops" else described
    constructor = reader.method(source, node, "__init__")
    if constructor is None:
        return Component(name, slot, public, doc=doc)
    signature = reader.signature(constructor[0], constructor[1], bound=True)
    parameters = parameters_of(slot, signature, doc)
    call: tuple[Parameter, ...] = ()
    if slot == "layers":
        call = call_of(source, node, doc)
        if signature.keywords:
            given = {parameter.name for parameter in parameters}
            parameters += tuple(item for item in layer_parameters() if item.name not in given)
    return Component(name, slot, public, parameters, signature.keywords, call, doc)


def parameters_of(slot: str, signature: reader.Signature, doc: str, *, call: bool = False) -> tuple[Parameter, ...]:
    """What a function takes, each with its kind and its text in the docstring."""
    texts = docstring.arguments(doc, [argument.name for argument in signature.arguments], call=call)
    return tuple(
        Parameter(
            argument.name,
            argument.required,
            argument.default,
            _kind(slot, argument, texts.get(argument.name, "")),
            texts.get(argument.name, ""),
            argument.annotation,
        )
        for argument in signature.arguments
    )


def _kind(slot: str, argument: reader.Argument, doc: str) -> str:
    if slot == "ops" and argument.name in _OPERATION_KINDS:
        return _OPERATION_KINDS[argument.name]
    if argument.name.endswith("dtype"):
        return "policy" if argument.name == "dtype" else "dtype"
    if argument.name in _KINDS:
        return _KINDS[argument.name]
    if argument.name == "scale" and argument.default is None:
        return "any"  # as `offset`; elsewhere it is a switch or a number
    if slot == "optimizers" and argument.name == "learning_rate":
        return "number"  # or a spec of `schedules`, which slot_of says
    if (slot == "schedules" and argument.name.endswith("_steps")) or argument.name == "warmup_steps":
        return "steps"  # the language also counts in epochs: `decay_steps: 10 epochs`
    if slot == "schedules" and argument.name == "boundaries":
        return "boundaries"
    return docstring.kind(argument.name, argument.default, doc, required=argument.required)


def call_of(source: reader.Module, node: reader.ClassNode, doc: str) -> tuple[Parameter, ...]:
    """What the `call` of a layer takes."""
    found = reader.method(source, node, "call")
    if found is None:
        return ()
    parameters = parameters_of("layers", reader.signature(found[0], found[1], bound=True), doc, call=True)
    return tuple(parameter for parameter in parameters if parameter.name not in _CALL_WORDS)


@cache
def layer_parameters() -> tuple[Parameter, ...]:
    """What `**kwargs` of a layer may hold, read from Keras' `Layer`."""
    source, node = reader.locate("keras.layers", "Layer") or (None, None)
    if source is None or not isinstance(node, reader.ClassNode):
        return ()
    constructor = reader.method(source, node, "__init__")
    if constructor is None:
        return ()
    signature = reader.signature(constructor[0], constructor[1], bound=True)
    parameters = parameters_of("layers", signature, inspect.cleandoc(reader.documentation(node)))
    return tuple(parameter for parameter in parameters if parameter.name in _LAYER_WORDS)


def _documentation(source: reader.Module, name: str, doc: str) -> str:
    """A docstring as it reads after import: Keras fills templates in when its modules run."""
    if not doc or "\nArgs:" not in inspect.cleandoc(doc):
        doc = (reader.text(source, "BASE_DOCSTRING").replace("{name}", name) or doc) + reader.text(source, "DOC")
    if "{{base_optimizer_keyword_args}}" in doc:
        shared = reader.load("keras.src.optimizers.base_optimizer")
        text = reader.text(shared, "base_optimizer_keyword_args") if shared else ""
        doc = doc.replace("{{base_optimizer_keyword_args}}", text)
    return re.sub(r"[ \t]*\{\{\w+\}\}\n?", "", inspect.cleandoc(doc)).strip()
