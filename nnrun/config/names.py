"""YAML values to specs: every name and argument held against the catalogue, every mistake noted with its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Component, Parameter
from nnrun.config import guess
from nnrun.config.expressions import BadReference
from nnrun.config.kinds import KINDS, fits, kind_hint, number_of, shown
from nnrun.config.loader import Document, Path
from nnrun.config.references import Reference, parsed_within, references
from nnrun.config.sections import ELSEWHERE
from nnrun.config.spec import Spec
from nnrun.errors import Problem, Where, did_you_mean, listing, one_of

_OF_SEVERAL = ("cell", "cells", "layers", "losses")  # arguments that take specs in a list
EARLIER = ("run", "file", "sha256")  # how a network that was trained before is named
_LISTS = ("layers", "metrics", "callbacks", "preparations")  # families that a config writes as lists


class Names:
    """Reads specs of one document and collects its problems."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []

    def problem(self, path: Path, what: str, expected: str = "", hint: str = "", *, key: bool = False) -> None:
        where = self.document.key(path) if key else self.document.value(path)
        self.at(where, what, expected, hint)

    def at(self, where: Where, what: str, expected: str = "", hint: str = "") -> None:
        self.problems.append(Problem(what, where, expected, hint))

    def spec(self, value: Any, path: Path, slot: str) -> Spec | None:
        """`Name`, `Name: value` or `Name: {arguments}`; None where it is no spec at all (a problem is noted)."""
        parted = self.parted(value, path, slot)
        if parted is None:
            return None
        name, given, inner = parted
        component = self.component(name, inner, slot)
        if component is None:
            return Spec(name, {}, self.document.name(inner, name), slot)
        return self.complete(component, given, inner)

    def parted(
        self, value: Any, path: Path, slot: str, is_known: Callable[[str], bool] | None = None
    ) -> tuple[str, Any, Path] | None:
        """The name, what stands behind it, and the path of the name; `is_known` where more than the slot is."""
        if isinstance(value, str):
            return value, None, path
        if isinstance(value, Mapping) and value:
            known = [key for key in value if isinstance(key, str) and (is_known or partial(self._known, slot))(key)]
            nameless = "" if known else guess.without_name(slot, value)
            if len(value) == 1 and not nameless:
                name = next(iter(value))
                return str(name), value[name], (*path, name)
            self._several(value, path, slot, known, nameless)
            return None
        kind = _article(guess.singular(slot))
        self.problem(path, f"{shown(value)} where {kind} is wanted", "`Name` or `Name: {argument: value}`")
        return None

    def _known(self, slot: str, name: str) -> bool:
        return catalogue.find(slot, name) is not None or catalogue.own_find(slot, name) is not None

    def _several(self, value: Mapping[Any, Any], path: Path, slot: str, known: list[str], nameless: str) -> None:
        """A mapping of several keys, or of arguments alone, where one name is wanted."""
        others = [key for key in value if key not in known]
        kind = guess.singular(slot)
        if known and others:
            inside = others[0]
            hint = f"{inside} belongs inside {known[0]}: `{known[0]}: {{..., {inside}: ...}}`"
            self.problem((*path, inside), f"{str(inside)!r} stands beside {known[0]!r}", hint=hint, key=True)
        elif nameless:
            self.problem((*path, others[0]), f"arguments without the name of {_article(kind)}", hint=nameless, key=True)
        else:
            hint = "give each an item of its own, which begins with `- `" if slot in _LISTS else "keep one of them"
            hint = hint if known else "one name, its arguments inside it: `Name: {argument: value}`"
            self.problem(path, f"{len(value)} names where one {kind} is wanted", hint=hint)

    def component(self, name: str, path: Path, slot: str) -> Component | None:
        where = self.document.name(path, name)
        elsewhere = ELSEWHERE.get((slot, name))
        if elsewhere:
            self.at(where, f"{name} is not used here", hint=elsewhere)
            return None
        found = catalogue.find(slot, name)
        refused = catalogue.judge(slot, name) if found is not None else None
        if refused:
            self.at(where, f"{name} may not come from a config", hint=refused.split(": ", 1)[-1])
            return None
        if found is None:
            hint = guess.spec_name(slot, name)
            expected = "" if hint else f"one of {listing(catalogue.names(slot))}"
            self.at(where, f"there is no {guess.singular(slot)} {name!r}", expected, hint)
        return found

    def complete(
        self,
        component: Component,
        given: Any,
        path: Path,
        *,
        words: tuple[str, ...] = (),
        elsewhere: tuple[str, ...] = (),
    ) -> Spec:
        """The spec of a known name: its arguments checked against the signature.

        `words` are keys that are no arguments; `elsewhere` names arguments that are given in another place. A layer
        also takes what its `call` takes and is no tensor.
        """
        written = str(path[-1]) if path else component.name
        alone = given is None and catalogue.canonical(component.slot, written) != component.name
        where = self.document.value(path) if alone else self.document.key(path)
        nameless = self._nameless(component, given)
        if nameless:
            self.problem(path, f"arguments of {component.name} without their names", hint=nameless)
            return Spec(component.name, {}, where, component.slot)
        arguments: dict[str, Any] = {}
        meant = {guess.parameter_meant(component, name) for name in elsewhere}
        if isinstance(given, Mapping) and not self._is_value(component, given):
            for key, value in given.items():
                if key in words:
                    continue
                parameter = self._parameter(component, key, (*path, key), given)
                if parameter is not None:
                    arguments[parameter.name] = self.argument(component, parameter, value, (*path, key))
                else:
                    meant.add(guess.parameter_meant(component, str(key)))
        elif given is not None:
            first = catalogue.first_parameter(component)
            if first is None:
                tensors = component.slot == "layers" and isinstance(given, list | str)
                hint = f"tensors come with from: `{component.name}: {{from: {guess.flow(given)}}}`" if tensors else ""
                self.problem(path, f"{component.name} takes no value", hint=hint)
            else:
                arguments[first.name] = self.argument(component, first, given, path)
        wanted = [p.name for p in component.parameters if p.required and p.name not in (*arguments, *meant)]
        if wanted and None not in meant:  # an argument that nobody understands may have been meant for one
            example = f"`{component.name}: {{{', '.join(f'{name}: ...' for name in wanted)}}}`"
            self.at(where, f"{component.name} needs {' and '.join(wanted)}", example)
        return Spec(component.name, arguments, where, component.slot)

    def _nameless(self, component: Component, given: Any) -> str:
        """The hint for `Conv2D: [64, 3]` and `Conv2D: {64, 3}`; empty where the arguments have their names."""
        if len(component.parameters) < 2:
            return ""
        if isinstance(given, Mapping) and given and all(value is None for value in given.values()):
            plain = not any(component.parameter(str(key)) or ":" in str(key) for key in given)
            return guess.by_name(component, given) if plain and not self._is_value(component, given) else ""
        first = catalogue.first_parameter(component)
        if first is not None and first.annotation.startswith("list["):
            return ""
        lists = (
            first is None or not fits([1, 1], first) or catalogue.slot_of(component.slot, component.name, first.name)
        )
        if isinstance(given, list) and first is not None and first.required and lists and len(given) > 1:
            return "" if isinstance(given[0], Mapping) else guess.by_name(component, given)
        return ""

    def _is_value(self, component: Component, given: Mapping[Any, Any]) -> bool:
        """A mapping whose only key is a catalogue name is a spec, hence the value of the first parameter.

        A capital letter that is no argument either is a name with a typing error.
        """
        if len(given) != 1:
            return False
        first = catalogue.first_parameter(component)
        key = str(next(iter(given)))
        if first is None or component.parameter(key) is not None:
            return False
        family = catalogue.slot_of(component.slot, component.name, first.name)
        if family is None:
            return False
        return catalogue.find(family, key) is not None or (key[:1].isupper() and not guess.argument(component, key))

    def _parameter(self, component: Component, key: Any, path: Path, given: Mapping[Any, Any]) -> Parameter | None:
        parameter = component.parameter(str(key)) or _of_call(component, str(key))
        if parameter is None:
            hint = guess.argument(component, str(key)) or guess.cut_at_comma(given, key)
            if hint and guess.is_cut_expression(given, key):
                return None  # its bracket is never closed, which is noted
            expected = one_of([p.name for p in component.parameters], hint) or ("" if hint else "no arguments")
            self.problem(path, f"{component.name} has no argument {str(key)!r}", expected, hint, key=True)
        return parameter

    def argument(self, component: Component, parameter: Parameter, value: Any, path: Path) -> Any:
        """One argument: a nested spec, a plain value of the right kind, or a reference, to be checked later."""
        read = self.references(value, path)
        waits = any(True for _ in references(read))
        known = None if waits and isinstance(value, str) else value
        refused = catalogue.judge(component.slot, component.name, parameter.name, known)
        if refused:
            self.problem(
                path,
                f"{parameter.name} of {component.name} may not come from a config",
                hint=refused,
                key=True,
            )
            return None
        if isinstance(read, Reference):
            return read
        if read is None and isinstance(value, str):
            return None  # no reference, which is noted
        value = read if isinstance(read, str) else value
        what = f"{parameter.name} of {component.name} is {shown(value)}"
        family = catalogue.slot_of(component.slot, component.name, parameter.name)
        if family is not None and value is not None:
            return self._family(component, parameter, family, value, path, what)
        if isinstance(value, Mapping) and (component.slot, parameter.name) == ("applications", "weights"):
            return self._weights_file(value, path, what)
        if isinstance(value, Mapping) and (component.slot, parameter.name) == ("recipes", "teacher"):
            return self._teacher(value, path, what)
        if isinstance(value, Mapping):
            self.problem(path, what, KINDS.get(parameter.kind, "a plain value"))
            return None
        if waits or fits(read, parameter):
            return read
        self.problem(path, what, KINDS[parameter.kind], kind_hint(value, parameter))
        return None  # unknown, so that no shape is reckoned with it

    def _weights_file(self, value: Mapping[Any, Any], path: Path, what: str) -> Any:
        """The weights of an application from a file, which is held to its contents."""
        if set(value) == {"file", "sha256"} and all(isinstance(item, str) for item in value.values()):
            return dict(value)
        self.problem(path, what, "imagenet, null, or {file: weights.h5, sha256: ...}", "`sha256sum FILE` tells the sum")
        return None

    def _teacher(self, value: Mapping[Any, Any], path: Path, what: str) -> Any:
        """A network that was trained before, in the words of the step `trained`."""
        for key in value:
            if key not in EARLIER:
                hint = did_you_mean(str(key), EARLIER)
                self.problem((*path, key), f"teacher has no key {str(key)!r}", one_of(EARLIER, hint), hint, key=True)
                return None
        if all(isinstance(item, str) for item in value.values()):
            return dict(value)
        self.problem(path, what, "`{run: NAME}`, or `{file: model.keras}`")
        return None

    def _family(
        self, component: Component, parameter: Parameter, family: str, value: Any, path: Path, what: str
    ) -> Any:
        """An argument that takes specs of a family; a number only where the parameter is one (learning_rate)."""
        kind = _article(guess.singular(family))
        if isinstance(value, list) and parameter.name not in _OF_SEVERAL:
            self.problem(path, what, f"one {guess.singular(family)}")
            return None
        if isinstance(value, list):
            return [self.spec(item, (*path, index), family) for index, item in enumerate(value)]
        if isinstance(value, int | float):
            if parameter.kind == "number" and fits(value, parameter):
                return value
            number = parameter.kind == "number"
            hint = f"`{parameter.name}: {{L2: {value}}}`" if family == "regularizers" else ""
            self.problem(path, what, f"a number, or {kind}" if number else kind, hint)
            return None
        if parameter.kind == "number" and isinstance(value, str) and number_of(value) is not None:
            self.problem(path, what, f"a number, or {kind}", "write it without quotes")
            return None
        return self.spec(value, path, family)

    def references(self, value: Any, path: Path) -> Any:
        """A plain value with every `$name` in it read as a reference."""

        def note(error: BadReference) -> None:
            self.problem(path, error.what, error.expected, error.hint)

        return parsed_within(value, note, self.document.value(path))


def _of_call(component: Component, name: str) -> Parameter | None:
    """What a layer's `call` takes under this name and is no tensor: `use_causal_mask`."""
    found = next((parameter for parameter in component.call if parameter.name == name), None)
    return None if found is None or catalogue.is_tensor(component, found) else found


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
