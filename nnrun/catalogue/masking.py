"""Which layers of Keras hand a mask on, read from their source: `supports_masking`, `compute_mask`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from nnrun.catalogue import reader
from nnrun.catalogue.families import canonical

_MERGING = "keras.src.layers.merging.base_merge"


@cache
def passes_masks(name: str) -> bool:
    """Whether what a layer gives may have the mask of what it is called on."""
    chain = list(_chain(name))
    for source, node in chain:
        computed = _own(node, "compute_mask")
        if computed is not None and source.name != "keras.src.layers.layer":
            return not _gives_none(computed)
    return any(_says_so(node) for _, node in chain)


@cache
def wants_all_masks(name: str) -> bool:
    """Whether a layer of several tensors gives a mask only where each of them has one, as `Add` does."""
    found = reader.locate("keras.layers", canonical("layers", name) or name)
    if found is None or not isinstance(found[1], ast.ClassDef):
        return False
    computed = reader.method(found[0], found[1], "compute_mask")
    return computed is not None and computed[0].name == _MERGING


def _chain(name: str) -> Iterator[tuple[reader.Module, ast.ClassDef]]:
    """A layer's class and those that it inherits from, the nearest first."""
    found = reader.locate("keras.layers", canonical("layers", name) or name)
    waiting = [found] if found else []
    while waiting:
        source, node = waiting.pop(0)
        if isinstance(node, ast.ClassDef):
            yield source, node
            waiting += reader.bases(source, node)


def _own(node: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    return next((item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == name), None)


def _gives_none(function: ast.FunctionDef) -> bool:
    """Whether a function does nothing but return None."""
    returned = [item for item in ast.walk(function) if isinstance(item, ast.Return)]
    return all(isinstance(item.value, ast.Constant) and item.value.value is None for item in returned)


def _says_so(node: ast.ClassDef) -> bool:
    """Whether the class sets `self.supports_masking = True`."""
    return any(
        isinstance(item, ast.Assign)
        and ast.unparse(item.targets[0]) == "self.supports_masking"
        and isinstance(item.value, ast.Constant)
        and item.value.value is True
        for item in ast.walk(node)
    )
