"""A person's own Python file, read as text: which layers, losses, metrics and sources it has, and what they take.

Nothing of it runs here. A class belongs to the family of the Keras class that it inherits from; a function of
`(y_true, y_pred)` is a loss and a metric; a function that says `-> dict` is a source. A name that begins with an
underscore, and whatever is none of these, is the file's own affair.
"""

from __future__ import annotations

import ast
import inspect
import keyword
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from nnrun.catalogue import docstring, reader
from nnrun.catalogue.component import Component, Parameter
from nnrun.catalogue.families import (
    SLOTS,
    call_of,
    canonical,
    layer_parameters,
    of_keras,
    parameters_of,
)
from nnrun.catalogue.joined import OwnFile
from nnrun.catalogue.own_components import own_find, own_names
from nnrun.catalogue.plain_parameters import PLAIN
from nnrun.catalogue.slots import slot_of
from nnrun.errors import ConfigError, Problem, Where

MAX_BYTES = 1_000_000
# What a class inherits from, at last, and the family that this makes it a part of.
_ROOTS = {
    "layers": ("keras.layers", "Layer"),
    "losses": ("keras.losses", "Loss"),
    "metrics": ("keras.metrics", "Metric"),
    "callbacks": ("keras.callbacks", "Callback"),
    "initializers": ("keras.initializers", "Initializer"),
    "regularizers": ("keras.regularizers", "Regularizer"),
    "constraints": ("keras.constraints", "Constraint"),
    "schedules": ("keras.optimizers.schedules", "LearningRateSchedule"),
    "optimizers": ("keras.optimizers", "Optimizer"),
}
_COMPARED = ["y_true", "y_pred"]


@cache
def read_own_file(name: str, source: bytes) -> OwnFile:
    """What a file defines; `name` is the file's own. Raises ConfigError with all that is wrong in it."""
    where = Where(name, 1, 1)
    if not name.removesuffix(".py").isidentifier() or not name.endswith(".py") or keyword.iskeyword(name[:-3]):
        raise _error(f"{name} is no name of a Python file", where, "letters, digits and _, such as `blocks.py`")
    if name[:-3] in sys.stdlib_module_names:
        raise _error(f"{name} has the name of a module of Python's own", where, hint="rename it")
    if len(source) > MAX_BYTES:
        raise _error(f"larger than {MAX_BYTES:,} bytes", where, hint="it is no file that a person wrote")
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        place = Where(name, error.lineno or 1, error.offset or 1)
        raise _error(f"not Python: {error.msg}", place) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise _error(f"not Python: {error or type(error).__name__}", where) from None
    try:
        return _read(name, source, reader.parsed(name, tree))
    except RecursionError:
        raise _error("it is nested or refers to itself so deeply that it cannot be read", where) from None


def _read(name: str, source: bytes, module: reader.Module) -> OwnFile:
    found: dict[tuple[str, str], Component] = {}
    problems: list[Problem] = []
    for definition in module.definitions.values():
        place = Where(name, definition.lineno, definition.col_offset + 1)
        for component in _components(name, module, definition):
            if _is_taken(component):
                what = f"{component.name} is a name of Keras or nnrun already, among the {component.slot}"
                problems.append(Problem(what, place, hint="rename it"))
            if component.slot == "layers" and component.parameter("name") is None:
                what = f"the layer {component.name} takes no name, and every layer of a model has one"
                expected = "`def __init__(self, ..., **kwargs)`, and in it `super().__init__(**kwargs)`"
                problems.append(Problem(what, place, expected))
            found[component.slot, component.name] = component
    if problems:
        raise ConfigError(problems)
    return OwnFile(name, source, MappingProxyType(found))


def _is_taken(component: Component) -> bool:
    """Whether the family has the name; a step may be a layer, a function of ops or an application."""
    return (
        component.name in own_names(component.slot)
        or own_find(component.slot, component.name) is not None
        or (component.slot in SLOTS and canonical(component.slot, component.name) is not None)
        or (component.slot == "layers" and canonical("applications", component.name) is not None)
    )


def _components(file: str, module: reader.Module, definition: reader.Definition) -> Iterator[Component]:
    if definition.name.startswith("_"):
        return
    if isinstance(definition, reader.ClassNode):
        slot = _family(module, definition)
        if slot is not None:
            yield _of_class(file, slot, module, definition)
        return
    signature = reader.signature(module, definition)
    names = [argument.name for argument in signature.arguments]
    if names[:2] == _COMPARED:
        for slot in ("losses", "metrics"):
            yield _of_function(file, slot, definition, signature, skipped=2)
    elif definition.returns is not None and ast.unparse(definition.returns).startswith("dict"):
        yield _of_function(file, "sources", definition, signature, skipped=0)


def _family(module: reader.Module, node: reader.ClassNode) -> str | None:
    """The family of a class, by what it inherits from; the first base first."""
    roots = {id(found[1]): slot for slot, root in _ROOTS.items() if (found := reader.locate(*root)) is not None}
    for source, base in reader.bases(module, node):
        slot = roots.get(id(base)) or _family(source, base)
        if slot is not None:
            return slot
    return None


def _of_function(file: str, slot: str, node: ast.FunctionDef, signature: reader.Signature, skipped: int) -> Component:
    doc = inspect.cleandoc(reader.documentation(node))
    parameters = _kinds(parameters_of(slot, signature, doc))[skipped:]
    return Component(node.name, slot, _module(file), parameters, signature.keywords, doc=doc, own_file=file)


def _of_class(file: str, slot: str, module: reader.Module, node: reader.ClassNode) -> Component:
    doc = inspect.cleandoc(reader.documentation(node))
    parameters, keywords = _constructor(slot, module, node, doc)
    call: tuple[Parameter, ...] = ()
    if slot == "layers":
        call = tuple(_tensor(parameter) for parameter in _kinds(call_of(module, node, doc)))
    return Component(node.name, slot, _module(file), parameters, keywords, call, doc, own_file=file)


def _constructor(
    slot: str, module: reader.Module, node: reader.ClassNode, doc: str
) -> tuple[tuple[Parameter, ...], bool]:
    """What a class takes; what its `**kwargs` hand on, or what it inherits, is what its first base takes."""
    if module.name.startswith("keras."):
        return _of_keras(slot, node), True
    written = next((item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"), None)
    base = next(reader.bases(module, node), None)
    inherited = _constructor(slot, *base, doc)[0] if base else ()
    if written is None:
        return inherited, False
    signature = reader.signature(module, written, bound=True)
    parameters = _kinds(parameters_of(slot, signature, doc or inspect.cleandoc(reader.documentation(written))))
    if signature.keywords:
        given = {parameter.name for parameter in parameters}
        parameters += tuple(replace(item, required=False) for item in inherited if item.name not in given)
    return parameters, signature.keywords


def _of_keras(slot: str, node: reader.ClassNode) -> tuple[Parameter, ...]:
    """The parameters of Keras' own base that a config may give at all."""
    if slot == "layers" and node.name == "Layer":
        return layer_parameters()
    return tuple(
        parameter
        for parameter in of_keras(slot, node.name).parameters
        if parameter.name in PLAIN.get(slot, ()) or slot_of(slot, node.name, parameter.name)
    )


def _kinds(parameters: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """The annotation says the kind where there is one: a default alone tells less."""
    return tuple(
        replace(parameter, kind=docstring.annotated_kind(parameter.annotation)) if parameter.annotation else parameter
        for parameter in parameters
    )


def _tensor(parameter: Parameter) -> Parameter:
    """Of a layer's `call`, what has no default, or None for one, is a tensor: it comes with `from`."""
    given = parameter.kind == "any" and (parameter.required or parameter.default is None)
    return replace(parameter, kind="tensor") if given else parameter


def _module(file: str) -> str:
    """No module that an import could find: the file is run in one place alone, from the bytes that were approved."""
    return f"<{file}>"


def _error(what: str, where: Where, expected: str = "", hint: str = "") -> ConfigError:
    return ConfigError([Problem(what, where, expected, hint)])
