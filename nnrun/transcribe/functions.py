"""The functions of keras.ops behind the operations of a saved graph: `Add` of keras.src.ops.numpy is `ops.add`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Component, reader
from nnrun.transcribe.calls import Tensor, tensors_in
from nnrun.transcribe.values import refused, round_float

_PREFIX = "keras.src.ops."
_CONSTRUCTED = ("name", "dtype")


def is_function(layer: Mapping[str, Any]) -> bool:
    """Whether a node of the graph is a function of ops."""
    return str(layer.get("module") or "").startswith(_PREFIX)


@cache
def _function(module: str, operation: str) -> tuple[Component, tuple[str, ...]]:
    """The public function that calls an operation, and what the operation's `call` takes."""
    source = reader.load(module)
    node = source.definitions.get(operation) if source else None
    if source is None or not isinstance(node, ast.ClassDef):
        raise refused(f"{operation} of {module}")
    called = reader.method(source, node, "call")
    places = tuple(item.name for item in reader.signature(called[0], called[1], bound=True).arguments) if called else ()
    for name in catalogue.names("ops"):
        found = reader.locate(*_home(name))
        if found is not None and found[0].name == module and _calls(found[1], operation):
            component = catalogue.find("ops", name)
            assert component is not None
            return component, places
    hint = "write ops.take, with indices and axis" if operation == "GetItem" else ""
    raise refused(f"the function {operation}", hint)


def _home(name: str) -> tuple[str, str]:
    module, _, function = f"keras.{name}".rpartition(".")
    return module, function


def _calls(node: Any, operation: str) -> bool:
    return any(
        isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id == operation
        for child in ast.walk(node)
    )


def function_of(
    layer: Mapping[str, Any], places: tuple[Any, ...], names: Mapping[str, Any]
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The name of the function, its plain arguments, and its tensors by the names of their places."""
    component, order = _function(str(layer["module"]), str(layer["class_name"]))
    constructed = {key: value for key, value in layer["config"].items() if key not in _CONSTRUCTED}
    given = {**constructed, **dict(zip(order, places, strict=False)), **names}
    tensors: dict[str, Any] = {}
    plain: dict[str, Any] = {}
    defaults = component.defaults()
    for key, value in given.items():
        if tensors_in(value):
            tensors[key] = value
        elif isinstance(value, Mapping):
            raise refused(f"{key} of {component.name}")
        elif component.parameter(key) is None:
            if value is not None:
                raise refused(f"{key} of {component.name}")
        elif key not in defaults or defaults[key] != value:
            plain[key] = round_float(value)
    return component.name, plain, tensors


def is_single(value: Any) -> bool:
    """Whether an argument is one tensor."""
    return isinstance(value, Tensor)
