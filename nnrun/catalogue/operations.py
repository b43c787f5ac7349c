"""The functions of keras.ops as names: `ops.matmul`, `ops.image.resize`, and which of their parameters are tensors."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from nnrun.catalogue import reader
from nnrun.catalogue.component import Component, Parameter

PREFIX = "ops."
_MODULE = "keras.ops"
_SPOKEN_OF_TENSORS = ("list of tensors", "list of boolean tensors", "sequence of tensors")

# Tensors that Keras' own question, `any_symbolic_tensors`, leaves out: it asks for the first, or another function asks.
_MORE_TENSORS: Mapping[str, tuple[str, ...]] = {
    "average": ("weights",),
    "bincount": ("weights",),
    "clip": ("x_min", "x_max"),
    "conv": ("kernel",),
    "conv_transpose": ("kernel",),
    "dot_product_attention": ("bias", "mask"),
    "select": ("default",),
    "separable_conv": ("depthwise_kernel", "pointwise_kernel"),
    "trapezoid": ("x",),
}
_NO_TENSORS: Mapping[str, tuple[str, ...]] = {"reshape": ("newshape",)}

# What every argument with a name of one's own is.
_FURTHER: Mapping[str, Parameter] = {
    "rearrange": Parameter("", required=False, kind="integer", doc="The length of an axis that the pattern names.")
}


@cache
def index(excluded: Collection[str]) -> Mapping[str, str]:
    """Every name and alias with its canonical name: the flat one, where keras.ops exports the function flat."""
    found: dict[str, str] = {}
    homes: dict[tuple[str, str], str] = {}
    for folder in ("", *_folders()):
        module = reader.load(f"{_MODULE}.{folder}".rstrip("."))
        public = {
            name: own for name, own in (module.imports if module else {}).items() if own[0].startswith("keras.src")
        }
        for name in sorted(public, key=lambda name: public[name][1] != name):  # a function's own name comes first
            path = PREFIX + (f"{folder}.{name}" if folder else name)
            found[path] = homes.setdefault(public[name], path)
    return MappingProxyType({path: name for path, name in found.items() if name not in excluded})


def home(name: str) -> tuple[str, str]:
    """The public module of a canonical name, and the function's name there."""
    path, _, function = f"keras.{name}".rpartition(".")
    return path, function


def component(described: Component, source: reader.Module, node: ast.FunctionDef) -> Component:
    """A function's component, with its tensors marked and what stands behind `*operands` and `**axes_lengths`."""
    asked, lists = _asked(node)
    tensors = {*asked, *_MORE_TENSORS.get(node.name, ())} - {*_NO_TENSORS.get(node.name, ())}
    signature = reader.signature(source, node)
    if not asked and signature.arguments:  # another function asks, of what is the first parameter of every one
        tensors.add(signature.arguments[0].name)
    return replace(
        described,
        parameters=tuple(_with_kind(parameter, tensors, lists) for parameter in described.parameters),
        keywords=signature.keywords,
        variadic=signature.variadic,
        further=_FURTHER.get(node.name),
    )


def _folders() -> tuple[str, ...]:
    """The modules inside keras.ops, found where it imports them."""
    module = reader.load(_MODULE)
    return tuple(name for name, (target, _) in module.imports.items() if target == _MODULE) if module else ()


def _asked(node: ast.FunctionDef) -> tuple[set[str], set[str]]:
    """The parameters in `any_symbolic_tensors((x1, x2))`, and those it gets whole: `any_symbolic_tensors(xs)`."""
    tensors: set[str] = set()
    lists: set[str] = set()
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "any_symbolic_tensors":
            given = call.args[0]
            items = given.elts if isinstance(given, ast.Tuple) else [given]
            names = {item.id for item in items if isinstance(item, ast.Name)}
            (tensors if isinstance(given, ast.Tuple) else lists).update(names)
    return tensors | lists, lists


def _with_kind(parameter: Parameter, tensors: set[str], lists: set[str]) -> Parameter:
    if parameter.name in lists or any(words in parameter.doc.lower() for words in _SPOKEN_OF_TENSORS):
        return replace(parameter, kind="tensors")
    return replace(parameter, kind="tensor") if parameter.name in tensors else parameter
