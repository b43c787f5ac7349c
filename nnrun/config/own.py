"""Specs of nnrun's own names: sources of data and preparations of columns, read from their folders' signatures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Component
from nnrun.config.guess import singular
from nnrun.config.kinds import fits, kind_hint, shown
from nnrun.config.loader import Path
from nnrun.config.names import Names
from nnrun.config.spec import Spec
from nnrun.errors import did_you_mean, one_of


def source(names: Names, value: Any, path: Path) -> Spec | None:
    """`{csv: file.csv}` or `{csv: {path: file.csv, delimiter: ";"}}`."""
    parted = names.parted(value, path, "sources")
    if parted is None:
        return None
    name, given, inner = parted
    component = own(names, "sources", name, inner)
    if component is None:
        return None
    first = component.parameters[0].name if component.parameters else "rows"
    arguments = given if isinstance(given, Mapping) else {} if given is None else {first: given}
    return checked(names, component, arguments, inner)


def preparation(names: Names, value: Any, path: Path, *, chain: bool = False) -> tuple[Any, Spec | None]:
    """The columns (None inside a chain) and the spec of one preparation without them."""
    parted = names.parted(value, path, "preparations")
    if parted is None:
        return None, None
    name, given, inner = parted
    component = own(names, "preparations", name, inner)
    if component is None:
        return None, None
    if chain:
        first = component.parameters[0].name if component.parameters else None
        given = {} if given is None else given if isinstance(given, Mapping) else {first: given} if first else {}
        return None, checked(names, component, given, inner)
    settings = dict(given) if isinstance(given, Mapping) else {"columns": given}
    columns = settings.pop("columns", None)
    return columns, checked(names, component, settings, inner)


def own(names: Names, slot: str, name: str, path: Path) -> Component | None:
    """The component of our folder `slot` with this name; None, with a problem noted, where there is none."""
    component = catalogue.own_find(slot, name) or catalogue.joined_find(slot, name)
    if component is None:
        known = (*catalogue.own_names(slot), *catalogue.names(slot))
        ending = next((part for part in name.lower().split(".")[1:] if part in known), None)
        hint = f"the kind comes first: `{{{ending}: {name}}}`" if ending else did_you_mean(name, known)
        where = names.document.name(path, name)
        names.at(where, f"there is no {singular(slot)} {name!r}", one_of(known, hint), hint)
    return component


def checked(names: Names, component: Component, arguments: Mapping[Any, Any], path: Path) -> Spec:
    """The spec of one of our own names: its arguments held to the signature."""
    known = [parameter.name for parameter in component.parameters]
    good: dict[str, Any] = {}
    where = names.document.name(path, component.name)
    for key, value in arguments.items():
        written = (*path, key) if (*path, key) in names.document.keys else path
        parameter = component.parameter(str(key))
        if parameter is None:
            hint = did_you_mean(str(key), known)
            expected = one_of(known, hint) or ("" if hint else "no settings")
            names.problem(written, f"{component.name} has no setting {str(key)!r}", expected, hint, key=True)
        elif not fits(value, parameter) or not _fits_annotation(value, parameter.annotation):
            words = _words(parameter.annotation) if "Literal[" in parameter.annotation else []
            hint = did_you_mean(str(value), words) if words else kind_hint(value, parameter)
            what = f"{key} of {component.name} is {shown(value)}"
            names.problem(written, what, _expected(parameter.annotation), hint)
        elif parameter.annotation.removesuffix(" | None") == "Path" and value and "://" in value:
            hint = "a config opens no connection: download the file, and name it here"
            names.problem(written, f"{key} of {component.name} is an address", "a file's path", hint)
        else:
            good[parameter.name] = value
    missing = [p.name for p in component.parameters if p.required and p.name not in arguments]
    if missing:
        example = f"`{component.name}: {{{', '.join(f'{name}: ...' for name in missing)}}}`"
        names.at(where, f"{component.name} needs {' and '.join(missing)}", example)
    return Spec(component.name, good, where, component.slot)


def _fits_annotation(value: Any, annotation: str) -> bool:
    """Whether a value is what our own function says, where the kinds of the catalogue take anything."""
    return any(_fits_one(value, plain) for plain in annotation.split(" | "))


def _fits_one(value: Any, plain: str) -> bool:
    if plain in _KINDS:
        return isinstance(value, _KINDS[plain]) and (plain == "bool" or not isinstance(value, bool))
    if plain == "Path":
        return isinstance(value, str) and bool(value)
    if plain.startswith("Literal["):
        return value in _words(plain)
    if plain.startswith("dict["):
        return isinstance(value, Mapping) and bool(value)
    if plain in _LISTS:
        return isinstance(value, list) and all(isinstance(item, _LISTS[plain]) for item in value)
    return True


def _expected(annotation: str) -> str:
    told = []
    for plain in annotation.removesuffix(" | None").split(" | "):
        told.append(" or ".join(_words(plain)) if plain.startswith("Literal[") else _EXPECTED.get(plain, plain))
    return ", or ".join(told)


def _words(literal: str) -> list[str]:
    return re.findall(r"[\"']([^\"']*)[\"']", literal)


_KINDS: dict[str, Any] = {"None": type(None), "str": str, "int": int, "float": int | float, "bool": bool}
_LISTS = {"list[str]": str | int | float, "list[int]": int}
_EXPECTED = {
    "Path": "a file's path",
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list[str]": "a list of texts",
    "dict[str, Any]": "a mapping, such as {COLUMN: VALUE}",
    "dict[str, str]": "a mapping of texts",
    "list[int]": "a list of whole numbers",
}
