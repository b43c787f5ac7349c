"""Specs of nnrun's own names: sources of data and preparations of columns, read from their folders' signatures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Component
from nnrun.config.loader import Path
from nnrun.config.names import Names, _shown, fits
from nnrun.config.spec import Spec
from nnrun.errors import did_you_mean, listing


def source(names: Names, value: Any, path: Path) -> Spec | None:
    """`{csv: file.csv}` or `{csv: {path: file.csv, delimiter: ";"}}`."""
    parted = names.parted(value, path, "sources")
    if parted is None:
        return None
    name, given, inner = parted
    component = _find(names, "sources", "source of data", name, inner)
    if component is None:
        return None
    first = component.parameters[0].name
    arguments = given if isinstance(given, Mapping) else {} if given is None else {first: given}
    return _checked(names, component, arguments, inner)


def preparation(names: Names, value: Any, path: Path, *, chain: bool = False) -> tuple[Any, Spec | None]:
    """The columns (None inside a chain) and the spec of one preparation without them."""
    parted = names.parted(value, path, "preparations")
    if parted is None:
        return None, None
    name, given, inner = parted
    component = _find(names, "preparations", "preparation", name, inner)
    if component is None:
        return None, None
    if chain:
        first = component.parameters[0].name if component.parameters else None
        given = {} if given is None else given if isinstance(given, Mapping) else {first: given} if first else {}
        return None, _checked(names, component, given, inner)
    settings = dict(given) if isinstance(given, Mapping) else {"columns": given}
    columns = settings.pop("columns", None)
    return columns, _checked(names, component, settings, inner)


def _find(names: Names, slot: str, kind: str, name: str, path: Path) -> Component | None:
    component = catalogue.own_find(slot, name)
    if component is None:
        known = catalogue.own_names(slot)
        names.problem(path, f"there is no {kind} {name!r}", listing(known), did_you_mean(name, known), key=True)
    return component


def _checked(names: Names, component: Component, arguments: Mapping[Any, Any], path: Path) -> Spec:
    known = [parameter.name for parameter in component.parameters]
    for key, value in arguments.items():
        parameter = component.parameter(str(key))
        if parameter is None:
            names.problem(
                (*path, key),
                f"{component.name} has no setting {key!r}",
                listing(known, 20) or "no settings",
                did_you_mean(str(key), known),
                key=True,
            )
        elif not fits(value, parameter) or ("Path" in parameter.annotation and not _is_path(value)):
            names.problem(
                (*path, key) if key in arguments else path,
                f"{key} of {component.name} is {_shown(value)}",
                _EXPECTED.get(parameter.annotation, parameter.annotation),
            )
    missing = [p.name for p in component.parameters if p.required and p.name not in arguments]
    if missing:
        names.problem(path, f"{component.name} needs {' and '.join(missing)}", key=True)
    return Spec(component.name, dict(arguments), names.document.key(path), component.slot)


def _is_path(value: Any) -> bool:
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else [value]
    return all(isinstance(item, str) and item for item in items)


_EXPECTED = {"Path": "a file's path", "str": "a text", "int": "a whole number", "bool": "true or false"}
