"""Blocks: steps under a name, with parameters and inputs; those of the config, and those that nnrun ships."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nnrun.config import library
from nnrun.config.config import Block, Model, Sources, Step, Turns
from nnrun.config.expressions import UNKNOWN
from nnrun.config.kinds import shown
from nnrun.config.loader import Path
from nnrun.config.names import Names
from nnrun.config.read_steps import StepReader
from nnrun.config.read_turns import Signature
from nnrun.config.references import references
from nnrun.config.step_names import RESERVED, means_something
from nnrun.errors import did_you_mean

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_KEYS = ("parameters", "inputs", "layers")


class Blocks:
    """The blocks of one document; a shipped one is read when a step first calls it."""

    def __init__(self, names: Names, section: Mapping[str, Any], path: Path = ("blocks",)) -> None:
        self.names, self.path = names, path
        self.section = {name: value for name, value in section.items() if self._is_name(name)}
        self.read: dict[str, Block] = {}
        self.called: set[str] = set()
        self._are_read = False
        self._signatures: dict[str, Signature] = {}
        self._defaults: dict[str, dict[str, Any]] = {}  # of every parameter, None where it has none
        for name, value in self.section.items():
            self._signatures[name] = self._signature(name, value)

    def known(self) -> Iterable[str]:
        return (*self.section, *library.names())

    def add(self, model: Block) -> None:
        """A model, to be called by those below it."""
        self.read[model.name] = model
        self._signatures[model.name] = Signature((), (), model.inputs, is_model=True)

    def is_own(self, name: str) -> bool:
        """Whether the config itself has a block, or a model, of this name."""
        return name in self.section or name in self._signatures

    def signature(self, name: str) -> Signature | None:
        """What a block takes; None where there is no such block."""
        if name in self._signatures:
            self.called.add(name)
            return self._signatures[name]
        if name not in library.names():
            return None
        if name not in self.read:
            document = library.document(name)
            shipped = Blocks(Names(document), document.data["blocks"])
            shipped.blocks()
            self.read.update(shipped.read)
        block = self.read[name]
        required = tuple(word for word in block.parameters if word in block.required)
        return Signature(tuple(block.parameters), required, block.inputs)

    def blocks(self) -> Mapping[str, Block]:
        """Every block that is written, and those that they call."""
        if self._are_read:
            return self.read
        self._are_read = True
        for name, value in self.section.items():
            self.read[name] = self._block(name, value)
        self._circles()
        return self.read

    def _is_name(self, name: Any) -> bool:
        path = (*self.path, name)
        if means_something(str(name)):
            self.names.problem(path, f"the name {name!r} means something already", "a name of yours", key=True)
            return False
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self.names.problem(path, f"a block may not be named {name!r}", "snake_case, such as `encoder`", key=True)
        return isinstance(name, str)

    def _signature(self, name: str, value: Any) -> Signature:
        path = (*self.path, name)
        if isinstance(value, list):
            return Signature((), (), ("input",))
        if not isinstance(value, dict) or "layers" not in value:
            what = (
                f"the block {name!r} is {shown(value)}"
                if not isinstance(value, dict)
                else f"the block {name!r} has no layers"
            )
            self.names.problem(path, what, "a list of steps, or `parameters`, `inputs` and `layers`")
            if not isinstance(value, dict):
                return Signature((), (), ("input",))
        for key in value if "layers" in value else ():
            if key not in _KEYS:
                hint = did_you_mean(str(key), _KEYS)
                self.names.problem(
                    (*path, key), f"unknown key {str(key)!r} in a block", ", ".join(_KEYS), hint, key=True
                )
        parameters = self._parameters(value.get("parameters", []), (*path, "parameters"))
        required = tuple(word for word, (given, _) in parameters.items() if not given)
        self._defaults[name] = {word: default for word, (_, default) in parameters.items()}
        return Signature(tuple(parameters), required, self._inputs(value.get("inputs"), (*path, "inputs")))

    def _parameters(self, value: Any, path: Path) -> dict[str, tuple[bool, Any]]:
        """Whether each has a default, and which."""
        found: dict[str, tuple[bool, Any]] = {}
        if not isinstance(value, list):
            self.names.problem(path, f"parameters is {shown(value)}", "a list, such as `[filters, kernel_size: 3]`")
            value = list(value) if isinstance(value, dict) else []
        for index, item in enumerate(value):
            inner = (*path, index)
            pairs = [(item, False, None)] if not isinstance(item, dict) else [(key, True, item[key]) for key in item]
            for name, given, default in pairs:
                if (
                    not isinstance(name, str)
                    or not _NAME.fullmatch(name)
                    or name in (*RESERVED, "from", "repeat", "each", "if", "name")
                ):
                    equals = isinstance(name, str) and re.fullmatch(r"(\w+) *= *(.+)", name)
                    hint = f"a default stands after a colon: `{equals[1]}: {equals[2]}`" if equals else ""
                    told = f"a parameter may not be named {shown(name)}"
                    self.names.problem(inner, told, "snake_case, a name of yours", hint)
                    if isinstance(name, str):  # known, so that one mistake is told once
                        found[equals[1] if equals else name] = True, UNKNOWN
                elif name in found:
                    self.names.problem(inner, f"the parameter {name!r} stands twice", hint="keep one of them")
                else:
                    found[name] = given, self.names.references(default, inner)
        return found

    def _inputs(self, value: Any, path: Path) -> tuple[str, ...]:
        if value is None:
            return ("input",)
        good = isinstance(value, list) and bool(value)
        if not good or not all(isinstance(item, str) and _NAME.fullmatch(item) for item in value):
            meant = re.findall(r"\w+", value) if isinstance(value, str) else []
            hint = f"`inputs: [{', '.join(meant)}]`" if meant else ""
            self.names.problem(path, f"inputs is {shown(value)}", "a list of names, such as `[below, skip]`", hint)
            return tuple(meant) or ("input",)
        return tuple(value)

    def _block(self, name: str, value: Any) -> Block:
        path = (*self.path, name)
        where = self.names.document.key(path)
        signature = self._signatures[name]
        layers: Any = value if isinstance(value, list) else value.get("layers") if isinstance(value, dict) else None
        if not isinstance(layers, list) or not layers:
            if isinstance(value, list) or (isinstance(value, dict) and "layers" in value):
                self.names.problem(path, f"the block {name!r} has no steps", "a list, such as `- Dense: 64`")
            layers = []
        inside: Path = path if isinstance(value, list) else (*path, "layers")
        steps = StepReader(self.names, self).steps(layers, inside)
        parameters = self._defaults.get(name, {})
        block = Block(name, parameters, frozenset(signature.required), signature.inputs, steps, where, value)
        self._unused(block, (*path, "parameters"))
        return block

    def _unused(self, block: Block, path: Path) -> None:
        """Nothing is ignored: every parameter is read by a step, or by the default of another parameter."""
        used = {name[0] for step in block.layers for name in read_by(step)}
        used |= {name[0] for reference in references(block.parameters) for name in reference.names}
        for name in block.parameters if block.layers else ():
            if name not in used:
                hint = f"write ${name} in a step, or take it away"
                self.names.problem(
                    path, f"the parameter {name!r} of the block {block.name!r} is used by no step", hint=hint
                )

    def _circles(self) -> None:
        """A block that calls itself, by itself or through others."""

        def calls(name: str) -> set[str]:
            return {step.spec.name for step in self.read[name].layers if step.spec.slot == "blocks"} & set(self.read)

        for name in self.section:
            waiting, seen = [(other, other) for other in calls(name)], set[str]()
            while waiting:
                other, first = waiting.pop()
                if other == name:
                    block = self.read[name]
                    through = f", through {first!r}" if first != name else ""
                    hint = "repeat is what calls a block often"
                    self.names.at(block.where, f"the block {name!r} calls itself{through}", hint=hint)
                    self.read[name] = Block(name, block.parameters, block.required, block.inputs, (), block.where)
                    break
                if other not in seen:
                    seen.add(other)
                    waiting += [(inner, first) for inner in calls(other)]


def called_by(model: Model) -> dict[str, Block]:
    """The blocks that the model's steps call, and those that they call."""
    waiting, found = [step.spec for step in steps_of(model)], set[str]()
    while waiting:
        spec = waiting.pop()
        if spec.slot == "blocks" and spec.name in model.blocks and spec.name not in found:
            found.add(spec.name)
            waiting += [step.spec for step in model.blocks[spec.name].layers]
    return {name: block for name, block in model.blocks.items() if name in found}


def read_by(step: Step) -> Iterator[tuple[str, ...]]:
    """Every dotted name that a step reads by a reference, and the names in its `from`."""
    held: list[Any] = [step.spec, step.condition]
    for turns in (step.repeat, step.each):
        if isinstance(turns, Turns):
            held += [turns.count, turns.arguments, *_texts(turns.sources)]
    held += _texts(step.sources)
    for reference in references(held):
        yield from reference.names


def _texts(sources: Sources | None) -> list[Any]:
    if sources is None:
        return []
    return [*sources.names, *(text for inner in (sources.by_parameter or {}).values() for text in _texts(inner))]


def steps_of(model: Model) -> Iterator[Step]:
    """The steps of a model, of its outputs and of its losses."""
    yield from model.layers
    yield from (output.step for output in (*model.outputs, *model.losses) if output.step is not None)
