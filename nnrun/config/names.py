"""YAML values to specs: every name and argument held against the catalogue, every mistake noted with its place."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Component, Parameter
from nnrun.config.loader import Document, Path
from nnrun.config.sections import COMPILE, ELSEWHERE, FIT
from nnrun.config.spec import Reference, Spec
from nnrun.errors import Problem, did_you_mean, listing, nearest

Find = Callable[[str], Component | None]

_REFERENCE = re.compile(r"\$data(\.[A-Za-z_][A-Za-z0-9_]*)+")
_KINDS: Mapping[str, str] = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "a text",
    "integers": "a whole number, or a list of them",
    "shape": "a list of whole numbers",
}
_SINGULAR = {
    "layers": "layer", "optimizers": "optimizer", "schedules": "schedule", "losses": "loss", "metrics": "metric",
    "callbacks": "callback", "initializers": "initializer", "regularizers": "regularizer",
    "constraints": "constraint", "activations": "activation", "applications": "application",
    "sources": "source of data", "preparations": "preparation",
}  # fmt: skip


class Names:
    """Reads specs of one document and collects its problems."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []

    def problem(self, path: Path, what: str, expected: str = "", hint: str = "", *, key: bool = False) -> None:
        where = self.document.key(path) if key else self.document.value(path)
        self.problems.append(Problem(what, where, expected, hint))

    def spec(self, value: Any, path: Path, slot: str) -> Spec | None:
        """`Name`, `Name: value` or `Name: {arguments}`; None where it is no spec at all (a problem is noted)."""
        parted = self.parted(value, path, slot)
        if parted is None:
            return None
        name, given, inner = parted
        component = self.component(name, inner, slot)
        if component is None:
            return Spec(name, {}, self.document.key(inner), slot)
        return self.complete(component, given, inner)

    def parted(self, value: Any, path: Path, slot: str) -> tuple[str, Any, Path] | None:
        """The name, what stands behind it, and the path of the name."""
        kind = _SINGULAR.get(slot, slot)
        if isinstance(value, str):
            return value, None, path
        if isinstance(value, Mapping) and len(value) == 1:
            name = next(iter(value))
            return str(name), value[name], (*path, name)
        if isinstance(value, Mapping) and value:
            known = [key for key in value if isinstance(key, str) and catalogue.find(slot, key)]
            others = [str(key) for key in value if key not in known]
            if known and others:
                self.problem(
                    (*path, others[0]),
                    f"{others[0]!r} stands beside {known[0]!r}",
                    hint=f"{others[0]} belongs inside {known[0]}: `{known[0]}: {{..., {others[0]}: ...}}`",
                    key=True,
                )
            else:
                self.problem(
                    path,
                    f"{len(value)} names where one {kind} is wanted",
                    hint="one name, its arguments inside it",
                )
            return None
        self.problem(
            path,
            f"{_shown(value)} where a {kind} is wanted",
            f"a {kind}: `Name` or `Name: {{argument: value}}`",
        )
        return None

    def component(self, name: str, path: Path, slot: str) -> Component | None:
        elsewhere = ELSEWHERE.get((slot, name))
        if elsewhere:
            self.problem(path, f"{name} is not used here", hint=elsewhere, key=True)
            return None
        found = catalogue.find(slot, name)
        refused = catalogue.judge(slot, name) if found is not None else None
        if refused:
            self.problem(path, f"{name} may not come from a config", hint=refused, key=True)
            return None
        if found is not None:
            return found
        kind = _SINGULAR.get(slot, slot)
        past = catalogue.past_name(slot, name)
        others = [other for other in catalogue.slots_of(name) if other != slot]
        if past:
            hint = f"today it is {past}" if " " not in past else past
        elif re.fullmatch(r"\w+:\S+", name):
            hint = "put a blank after the colon"
        elif others:
            hint = f"{name} is one of the {others[0]}"
        else:
            hint = did_you_mean(name, (*catalogue.names(slot), *catalogue.aliases(slot)))
        self.problem(
            path,
            f"there is no {kind} {name!r}",
            "" if hint else listing(catalogue.names(slot)),
            hint,
            key=True,
        )
        return None

    def complete(self, component: Component, given: Any, path: Path, *, words: tuple[str, ...] = ()) -> Spec:
        """The spec of a known name: its arguments checked against the signature."""
        where = self.document.key(path)
        arguments: dict[str, Any] = {}
        if given is not None:
            if isinstance(given, Mapping) and not self._is_value(component, given):
                for key, value in given.items():
                    if key in words:
                        continue
                    parameter = self._parameter(component, key, (*path, key))
                    if parameter is not None:
                        arguments[parameter.name] = self.argument(component, parameter, value, (*path, key))
            else:
                first = catalogue.first_parameter(component)
                if first is None:
                    tensors = component.slot == "layers" and isinstance(given, list | str)
                    hint = "tensors come with from: `" + component.name + ": {from: [a, b]}`" if tensors else ""
                    self.problem(path, f"{component.name} takes no value", hint=hint)
                else:
                    arguments[first.name] = self.argument(component, first, given, path)
        wanted = [p.name for p in component.parameters if p.required and p.name not in arguments]
        if wanted and not any(p.where == where for p in self.problems if "no argument" in p.what):
            names = " and ".join(wanted)
            example = f"`{component.name}: {{{', '.join(f'{name}: ...' for name in wanted)}}}`"
            self.problem(path, f"{component.name} needs {names}", example, key=True)
        return Spec(component.name, arguments, where, component.slot)

    def _is_value(self, component: Component, given: Mapping[Any, Any]) -> bool:
        """A mapping whose only key is a catalogue name is a spec, hence the value of the first parameter."""
        if len(given) != 1:
            return False
        first = catalogue.first_parameter(component)
        key = str(next(iter(given)))
        if first is None or component.parameter(key) is not None:
            return False
        family = catalogue.slot_of(component.slot, component.name, first.name)
        return family is not None and catalogue.find(family, key) is not None

    def _parameter(self, component: Component, key: Any, path: Path) -> Parameter | None:
        parameter = component.parameter(str(key))
        if parameter is not None:
            return parameter
        name = str(key)
        known = [p.name for p in component.parameters]
        past = catalogue.past(component.slot, component.name, name)
        if past:
            hint = f"today it is {past}" if past.isidentifier() else past
        elif re.fullmatch(r"\w+:\S+", name):
            hint = "put a blank after the colon"
        else:
            hint = did_you_mean(name, known) or self._home(name)
        self.problem(
            path,
            f"{component.name} has no argument {name!r}",
            listing(known, 20) or "no arguments",
            hint,
            key=True,
        )
        return None

    def _home(self, name: str) -> str:
        if name in FIT:
            return f"{name} belongs under `fit`"
        if name in COMPILE:
            return f"{name} belongs under `compile`"
        return ""

    def argument(self, component: Component, parameter: Parameter, value: Any, path: Path) -> Any:
        """One argument: a nested spec, a reference, or a plain value of the right kind."""
        refused = catalogue.judge(component.slot, component.name, parameter.name, value)
        if refused:
            self.problem(
                path,
                f"{parameter.name} of {component.name} may not come from a config",
                hint=refused,
                key=True,
            )
            return None
        if isinstance(value, str) and value.startswith("$"):
            return self.reference(value, path)
        family = catalogue.slot_of(component.slot, component.name, parameter.name)
        if family is not None and not isinstance(value, int | float | type(None)):
            if isinstance(value, list) and not _names_only(value, family):
                return [self.spec(item, (*path, index), family) for index, item in enumerate(value)]
            return self.spec(value, path, family)
        if isinstance(value, Mapping):
            self.problem(
                path,
                f"a mapping where {component.name} takes {_KINDS.get(parameter.kind, 'a plain value')} for "
                f"{parameter.name}",
            )
            return None
        if isinstance(value, list):
            value = [
                self.reference(v, (*path, i)) if isinstance(v, str) and v.startswith("$") else v
                for i, v in enumerate(value)
            ]
        if not fits(value, parameter):
            hint = "write it without quotes" if isinstance(value, str) and fits(_number(value), parameter) else ""
            close = (
                nearest(value, ("true", "false")) if parameter.kind == "boolean" and isinstance(value, str) else None
            )
            if isinstance(value, str) and parameter.kind == "boolean":
                hint = f"write {close or 'true or false'}; in YAML 1.2 yes, no, on and off are texts"
            self.problem(path, f"{parameter.name} of {component.name} is {_shown(value)}", _KINDS[parameter.kind], hint)
        return value

    def reference(self, text: str, path: Path) -> Any:
        if text.startswith("$$"):
            return text[1:]
        if not _REFERENCE.fullmatch(text):
            self.problem(path, f"{text!r} is no reference", "$data.num_classes or $data.<input>.vocabulary_size")
            return None
        return Reference(tuple(text[1:].split(".")), self.document.value(path))


def _names_only(value: list[Any], family: str) -> bool:
    return family not in ("layers", "schedules") and not value


def _number(text: str) -> Any:
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else number


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text {value[:60]!r}"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return f"the list {value!r}"[:80]
    return f"{value!r}"


def _whole(value: Any) -> bool:
    return isinstance(value, Reference) or (isinstance(value, int) and not isinstance(value, bool))


def fits(value: Any, parameter: Parameter) -> bool:
    """Whether a plain YAML value is of the kind that a parameter takes; a kind we do not know takes anything."""
    if parameter.kind in ("any", "") or (value is None and not parameter.required and parameter.default is None):
        return True
    match parameter.kind:
        case "integer":
            return _whole(value)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)
        case "boolean":
            return isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "integers":
            return _whole(value) or (isinstance(value, list) and bool(value) and all(_whole(item) for item in value))
        case "shape":
            items = value if isinstance(value, list) else [value]
            return all(item is None or _whole(item) for item in items)
    return True
