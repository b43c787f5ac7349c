"""Steps as they are written: what each calls, on which tensors, how often; every mistake noted with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Component
from nnrun.config.config import STEP_WORDS, Sources, Step
from nnrun.config.expressions import BadReference
from nnrun.config.kinds import shown
from nnrun.config.loader import Path
from nnrun.config.names import Names
from nnrun.config.read_trainable import read_trainable
from nnrun.config.read_turns import Signature, Signatures, TurnReader
from nnrun.config.references import Reference, parse
from nnrun.config.spec import Spec
from nnrun.config.step_names import RESERVED, step_slot
from nnrun.errors import did_you_mean, nearest

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class StepReader:
    """Reads the steps of one list and notes their problems in `names`."""

    def __init__(self, names: Names, blocks: Signatures) -> None:
        self.names, self.blocks = names, blocks
        self.turns = TurnReader(names, blocks, self.sources)

    def steps(self, items: list[Any], path: Path) -> tuple[Step, ...]:
        """A list of steps; the name of one may be called by those below it."""
        read: list[Step] = []
        for index, item in enumerate(items):
            above = frozenset(step.name for step in read if step.name)
            if self._is_below(item, items[index + 1 :], (*path, index), above):
                continue
            step = self.step(item, (*path, index), above)
            if step is not None:
                read.append(step)
        return tuple(read)

    def _is_below(self, item: Any, others: list[Any], path: Path, above: frozenset[str]) -> bool:
        """Whether a step is called again above itself, which is noted."""
        name = item if isinstance(item, str) else next(iter(item), None) if isinstance(item, dict) else None
        if not isinstance(name, str) or self._known(above)(name):
            return False
        given = [inner for other in others if isinstance(other, dict) for inner in other.values()]
        if not any(isinstance(inner, dict) and inner.get("name") == name for inner in given):
            return False
        what = f"the step {name!r} is called above itself"
        self.names.at(self.names.document.name((*path, name), name), what, hint="it stands further below; move it up")
        return True

    def step(self, value: Any, path: Path, above: frozenset[str] = frozenset()) -> Step | None:
        """One step; None where it is none at all."""
        parted = self.names.parted(value, path, "layers", self._known(above))
        if parted is None:
            return None
        name, given, inner = parted
        words = given if isinstance(given, dict) else {}
        slot = step_slot(name) or "layers"
        if name in above and catalogue.find(slot, name) is None:
            return self._step(self._again(name, given, inner), words, inner, ("name",))
        signature = self.blocks.signature(name)
        if signature is not None:
            own = ("name", "trainable") if signature.is_model else ("name",)
            return self._step(self._block(name, given, inner, own), words, inner, own)
        return self._catalogued(name, given, inner, slot, above)

    def _known(self, above: frozenset[str]) -> Any:
        def known(name: str) -> bool:
            return step_slot(name) is not None or name in above or self.blocks.signature(name) is not None

        return known

    def _catalogued(self, name: str, given: Any, path: Path, slot: str, above: frozenset[str]) -> Step | None:
        names = self.names
        words = given if isinstance(given, dict) else {}
        if catalogue.find(slot, name) is None and catalogue.find("activations", name):
            where = names.document.name(path, name)
            names.at(where, f"there is no layer {name!r}", hint=f"write `Activation: {name}`")
            return Step(Spec(name, {}, where, slot))
        if catalogue.find(slot, name) is None and not name.startswith("ops."):
            hint = self._meant(name, above)
            if hint:
                where = names.document.name(path, name)
                names.at(where, f"there is no layer, block or step {name!r}", hint=hint)
                return Step(Spec(name, {}, where, slot))
        component = names.component(name, path, "ops" if name.startswith("ops.") else slot)
        wraps = component is not None and self._wrapped_block(component, given, path)
        if wraps:
            return None
        own = [word for word in (*STEP_WORDS, *self._other_words(component)) if word in words]
        spec = (
            names.complete(component, given, path, words=tuple(own), elsewhere=self._turned(words, component))
            if component is not None
            else Spec(name, {}, names.document.name(path, name), slot)
        )
        return self._step(spec, words, path, self._other_words(component), component)

    def _wrapped_block(self, component: Component, given: Any, path: Path) -> bool:
        """Whether a wrapper such as TimeDistributed is given a block, which is noted: it takes a layer of Keras."""
        first = catalogue.first_parameter(component)
        if first is None or catalogue.slot_of(component.slot, component.name, first.name) != "layers":
            return False
        value = given.get(first.name, given) if isinstance(given, dict) else given
        name = value if isinstance(value, str) else next(iter(value), None) if isinstance(value, dict) else None
        if not isinstance(name, str) or catalogue.find("layers", name) or self.blocks.signature(name) is None:
            return False
        what = f"{component.name} wraps a layer of Keras, and {name!r} is a block"
        self.names.problem(path, what, hint="write the block's steps, each wrapped alone")
        return True

    def _meant(self, name: str, above: frozenset[str]) -> str:
        """What an unknown name was meant for, where it is no layer: a block, a step, an application, a function."""
        last = name.rpartition(".")[2]
        if last != name and catalogue.find("layers", last) is None and catalogue.find("ops", f"ops.{last}"):
            return f"write `ops.{last}`"
        if not name[:1].islower():
            return ""
        near = nearest(name, [*self.blocks.known(), *above])
        if near is not None:
            self.blocks.signature(near)  # meant to be called, so that it is not unused
            return f"did you mean {near!r}?"
        same = next((other for other in catalogue.names("applications") if other.lower() == name.lower()), None)
        return f"did you mean {same!r}?" if same else ""

    def _other_words(self, component: Component | None) -> tuple[str, ...]:
        """`name` says how others call a step; an application can be frozen in part."""
        return ("name", "trainable") if component is not None and component.slot == "applications" else ("name",)

    def _turned(self, words: Mapping[Any, Any], component: Component | None) -> tuple[str, ...]:
        """The arguments that are given elsewhere: by turns, or as tensors."""
        found = [
            str(key)
            for word in ("repeat", "each")
            if isinstance(words.get(word), dict)
            for key in words[word]
            if key != "from"
        ]
        first = catalogue.first_parameter(component) if component is not None else None
        if first is not None and any(isinstance(words.get(word), list) for word in ("repeat", "each")):
            found.append(first.name)  # its values, without its name: that is told
        if component is not None and component.slot == "ops":
            found += [parameter.name for parameter in component.parameters if catalogue.is_tensor(component, parameter)]
        return tuple(found)

    def _block(self, name: str, given: Any, path: Path, own: tuple[str, ...]) -> Spec:
        """The call of a block, or of a model: its arguments by the names of its parameters; `own` are words beside."""
        names, signature = self.names, self.blocks.signature(name)
        assert signature is not None
        where, kind = names.document.name(path, name), "model" if signature.is_model else "block"
        if given is None:
            given = {}
        elif not isinstance(given, dict) or not self._is_arguments(given, signature, own):
            if not signature.parameters:
                names.problem(path, f"the {kind} {name!r} has no parameters", hint="tensors come with from")
                return Spec(name, {}, where, "blocks")
            given = {signature.parameters[0]: given}
        arguments = {}
        turned = self._turned(given, None)
        unknown = [key for key in turned if key not in signature.parameters]
        for key, value in given.items():
            if key in ("repeat", "each") and signature.is_model:
                hint = "a block makes new weights in each turn; a model is called again by a step of its own"
                names.problem((*path, key), f"the model {name!r} has one set of weights", hint=hint, key=True)
            if key in (*STEP_WORDS, *own):
                continue
            if key not in signature.parameters:
                unknown.append(str(key))
                hint = did_you_mean(str(key), signature.parameters)
                expected = ", ".join(signature.parameters) or "no parameters"
                names.problem(
                    (*path, key), f"the {kind} {name!r} has no parameter {str(key)!r}", expected, hint, key=True
                )
                continue
            inner = (*path, key) if (*path, key) in names.document.keys else path
            arguments[str(key)] = names.references(value, inner)
        missing = [word for word in signature.required if word not in arguments and word not in turned]
        if missing and not unknown:  # a parameter that nobody understands may have been meant for one
            example = f"`{name}: {{{', '.join(f'{word}: ...' for word in missing)}}}`"
            names.at(where, f"the block {name!r} needs {' and '.join(missing)}", example)
        return Spec(name, arguments, where, "blocks")

    def _is_arguments(self, given: Mapping[Any, Any], signature: Signature, own: tuple[str, ...]) -> bool:
        """Whether a mapping is arguments, and not a spec that is the value of the first parameter."""
        if len(given) != 1:
            return True
        key = str(next(iter(given)))
        return key in (*signature.parameters, *STEP_WORDS, *own) or not catalogue.slots_of(key)

    def _again(self, name: str, given: Any, path: Path) -> Spec:
        """A step that is called again: it has its arguments already."""
        where = self.names.document.name(path, name)
        if given is not None and not isinstance(given, dict):
            self.names.problem(
                path, f"the step {name!r} is called again, and takes no value", hint="tensors come with from"
            )
            given = {}
        for key in given or {}:
            if key not in ("from", "name", "if"):
                what = f"the step {name!r} is called again with its own weights, and {str(key)!r} is set already"
                if key in STEP_WORDS:
                    what = f"the step {name!r} is called again, once; {key} has no place here"
                self.names.problem((*path, key), what, "from, name, if", key=True)
        return Spec(name, {}, where, "steps")

    def _step(
        self,
        spec: Spec,
        words: Mapping[Any, Any],
        path: Path,
        others: tuple[str, ...],
        component: Component | None = None,
    ) -> Step:
        names = self.names
        own = (*STEP_WORDS, *others)
        words = {key: value for key, value in words.items() if key in own}
        if "repeat" in words and "each" in words:
            names.problem(
                (*path, "each"), "repeat and each in one step", "one of them", "put the other into a block", key=True
            )
        return Step(
            spec,
            self.name(words.get("name"), (*path, "name")),
            self.sources(words.get("from"), (*path, "from")),
            self.turns.read("repeat", words.get("repeat"), (*path, "repeat"), spec, component),
            self.turns.read("each", words.get("each"), (*path, "each"), spec, component),
            self._condition(words.get("if", True), (*path, "if")),
            read_trainable(names, words.get("trainable"), (*path, "trainable")),
            {word: names.document.value((*path, word)) for word in own if word in words},
        )

    def name(self, value: Any, path: Path) -> str | None:
        """The name of a step: the person's own, so never one that means something already."""
        if value is None:
            return None
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            self.names.problem(path, f"the name is {shown(value)}", "letters, digits, _ and -, a letter first")
            return None
        if value in RESERVED:
            hint = f"{', '.join(RESERVED)} have a meaning of their own"
            self.names.problem(path, f"a step may not be named {value!r}", hint=hint)
            return None
        if step_slot(value) is not None:
            self.names.problem(path, f"the name {value!r} is Keras' own", "a name of yours, such as `encoder`")
            return None
        if self.blocks.is_own(value):
            self.names.problem(path, f"the name {value!r} is that of a block", "another name, such as `encoder`")
            return None
        return value

    def sources(self, value: Any, path: Path) -> Sources | None:
        """`from`: a name, a list of names, or a mapping by the parameters of the call."""
        if value is None:
            return None
        if isinstance(value, dict) and value:
            read = {str(key): self.sources(inner, (*path, key)) for key, inner in value.items()}
            return Sources(by_parameter={key: inner for key, inner in read.items() if inner is not None})
        items = value if isinstance(value, list) else [value]
        if not items or not all(isinstance(item, str) for item in items):
            hint = (
                "tensors have names: `name: scaled` in the step, and here `from: scaled`"
                if isinstance(value, list)
                else ""
            )
            self.names.problem(path, f"from is {shown(value)}", "the name of a step or input, or a list of names", hint)
            return None
        read_names = [
            self.text(item, (*path, index) if isinstance(value, list) else path) for index, item in enumerate(items)
        ]
        return Sources(tuple(read_names), isinstance(value, list))

    def text(self, value: str, path: Path) -> str | Reference:
        """A name that may hold a reference: `encoder.$(2 - turn).skip`."""
        try:
            return parse(value, self.names.document.value(path))
        except BadReference as error:
            self.names.problem(path, error.what, error.expected, error.hint)
            return "previous"

    def _condition(self, value: Any, path: Path) -> bool | Reference:
        if isinstance(value, bool):
            return value
        read = self.names.references(value, path) if isinstance(value, str) else value
        if isinstance(read, Reference):
            return read
        if read is None and isinstance(value, str):
            return True  # no reference, which is noted
        self.names.problem(path, f"if is {shown(value)}", "true, false, or a comparison such as `$(turn > 0)`")
        return True
