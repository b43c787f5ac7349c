"""Arguments with their references replaced, and held to the same rules as if the values had been written there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nnrun import catalogue
from nnrun.config.expressions import UNKNOWN, BadReference
from nnrun.config.loader import Document, Path
from nnrun.config.names import Names
from nnrun.config.references import Reference, problem, references
from nnrun.config.spec import Spec
from nnrun.config.variables import MAX_VALUES, is_too_large
from nnrun.errors import Problem, Where
from nnrun.model.scope import Scope


def value_of(value: Any, scope: Scope) -> Any:
    """A plain value with its references replaced; UNKNOWN where one is not known yet. Raises BadReference."""
    if isinstance(value, Reference):
        return value.value(scope.look_up)
    if isinstance(value, Mapping):
        found = {key: value_of(item, scope) for key, item in value.items()}
        return UNKNOWN if any(item is UNKNOWN for item in found.values()) else found
    if isinstance(value, list | tuple):
        items = [value_of(item, scope) for item in value]
        if is_too_large(items):  # a block hands `[$p, $p]` on to a block that does
            raise BadReference(f"the list holds more than {MAX_VALUES:,} values")
        return UNKNOWN if any(item is UNKNOWN for item in items) else items
    return value


def evaluated(spec: Spec, scope: Scope) -> tuple[Spec, list[Problem]]:
    """A spec with every argument known that can be known; what is wrong with the values that came in."""
    if not any(True for _ in references(spec)):
        return spec, []
    component = catalogue.find(spec.slot, spec.name)
    arguments: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, written in spec.arguments.items():
        if not any(True for _ in references(written)):
            arguments[name] = written
            continue
        if isinstance(written, Spec):
            arguments[name], found = evaluated(written, scope)
            problems += found
            continue
        if isinstance(written, list | tuple) and any(isinstance(item, Spec) for item in written):
            pairs = [evaluated(item, scope) if isinstance(item, Spec) else (item, []) for item in written]
            arguments[name] = [item for item, _ in pairs]
            problems += [one for _, found in pairs for one in found]
            continue
        where = next(references(written)).where
        try:
            value = value_of(written, scope)
        except BadReference as error:
            problems.append(problem(error, where))
            arguments[name] = None
            continue
        if value is UNKNOWN:
            arguments[name] = written
            continue
        parameter = component.parameter(name) if component else None
        if component is not None and parameter is None:
            parameter = next((inner for inner in component.call if inner.name == name), None)
        if component is None or parameter is None:
            arguments[name] = value
            continue
        names = Names(_Place(None, where.file, place=where))
        arguments[name] = names.argument(component, parameter, value, ())
        problems += [_explained(found, written) for found in names.problems]
    return Spec(spec.name, arguments, spec.where, spec.slot), problems


def _explained(found: Problem, written: Any) -> Problem:
    """A problem of a value that came by a reference: which, and how to mend what was reckoned."""
    if not isinstance(written, Reference):
        return found
    hint = found.hint
    if not written.is_whole and re.search(r"\$\w+ *[-+*/%]", written.text):
        hint = "arithmetic stands in brackets: $(width * 2)"
    elif re.search(r"[^/]/[^/]", written.text) and found.expected.startswith("a whole number"):
        hint = "// divides without a rest: $(width // 2)"
    return replace(found, what=f"{found.what}, from {written}", hint=hint)


class _Place(Document):
    """A document of one place: that of the reference through which a value came in."""

    def __init__(self, data: Any, file: str, place: Where) -> None:
        super().__init__(data, file)
        self.place = place

    def _nearest(self, places: dict[Path, Where], path: Path) -> Where:
        return self.place
