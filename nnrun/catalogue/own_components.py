"""nnrun's own folders of one function a file, read like Keras: a source or a figure is found by its file."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from nnrun.catalogue import docstring, reader
from nnrun.catalogue.component import Component, Parameter

NOT_WRITTEN = ("OnBad", "Stream")  # kinds of argument that come from elsewhere: `data.on_bad`, `runtime.stream`


@cache
def own(package: str) -> Mapping[str, Component]:
    """The components of a package of ours such as `nnrun.data.sources`, by name, sorted.

    A file `csv.py` with a function `csv` is the component `csv`; a family that Keras has too is written like Keras:
    `edge_smoothness.py` with a function `EdgeSmoothness`. A file `normalize.py` with a function `fit` is
    `normalize`: what `fit` takes by keyword only are its settings, the rest is data. Every other file, and one with
    an underscore before its name, is a helper. The slot is the folder's name.
    """
    root, *parts = package.split(".")
    folder = reader.package_folder(root).joinpath(*parts)
    found: dict[str, Component] = {}
    for path in sorted(folder.glob("[!_]*.py")):
        source = reader.parse(f"{package}.{path.stem}", path)
        function = _named_after(source, path.stem) or source.definitions.get("fit")
        if isinstance(function, ast.FunctionDef):
            name = path.stem if function.name == "fit" else function.name
            found[name] = _component(name, parts[-1] if parts else root, source, function)
    return MappingProxyType(found)


def _named_after(source: reader.Module, stem: str) -> reader.Definition | None:
    """The function that has the file's name, in snake_case or in CamelCase."""
    together = stem.replace("_", "")
    return next((found for name, found in source.definitions.items() if name.lower() in (stem, together)), None)


@cache
def own_names(slot: str) -> tuple[str, ...]:
    """The names in our folder `slot` such as sources or figures, sorted; empty without such a folder."""
    return tuple(own(package)) if (package := _package(slot)) else ()


def own_find(slot: str, name: str) -> Component | None:
    """The component of our folder `slot` with this name, or None."""
    return own(package).get(name) if (package := _package(slot)) else None


@cache
def own_index(slot: str) -> Mapping[str, str]:
    """Every name in our folder `slot`, and as its alias the name of its file: `edge_smoothness`, `EdgeSmoothness`."""
    found = own(package) if (package := _package(slot)) else {}
    aliases = {component.module.rpartition(".")[2]: name for name, component in found.items()}
    return MappingProxyType(aliases | {name: name for name in found})


@cache
def _package(slot: str) -> str | None:
    """The package whose folder is called `slot`: a room of nnrun holds it."""
    root = reader.package_folder("nnrun")
    folder = next((path for path in sorted(root.glob("*/*/__init__.py")) if path.parent.name == slot), None)
    return ".".join(["nnrun", *folder.parent.relative_to(root).parts]) if folder else None


def _component(name: str, slot: str, source: reader.Module, function: ast.FunctionDef) -> Component:
    fitted = function.name != name
    signature = reader.signature(source, function, keyword_only=fitted)
    doc = inspect.cleandoc(reader.documentation(function))
    texts = docstring.arguments(doc, [argument.name for argument in signature.arguments])
    parameters = tuple(
        Parameter(
            argument.name,
            argument.required,
            argument.default,
            docstring.annotated_kind(argument.annotation),
            texts.get(argument.name, ""),
            argument.annotation,
        )
        for argument in signature.arguments
        if argument.annotation not in NOT_WRITTEN
    )
    doc = inspect.cleandoc(source.doc) if fitted else doc
    return Component(name, slot, source.name, parameters, signature.keywords, doc=doc)
