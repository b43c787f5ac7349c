"""`repeat` and `each` as they are written: how often a step is called, and with which arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from nnrun import catalogue
from nnrun.catalogue import Component
from nnrun.config import guess
from nnrun.config.config import Sources, Turns
from nnrun.config.kinds import shown
from nnrun.config.loader import Path
from nnrun.config.names import Names
from nnrun.config.references import Reference
from nnrun.config.spec import Spec
from nnrun.errors import did_you_mean


@dataclass(frozen=True)
class Signature:
    """What a block takes: its parameters, those without default, and its inputs; a model has weights of its own."""

    parameters: tuple[str, ...]
    required: tuple[str, ...]
    inputs: tuple[str, ...]
    is_model: bool = False


class Signatures(Protocol):
    """The blocks that a step may call."""

    def signature(self, name: str) -> Signature | None: ...

    def known(self) -> Iterable[str]: ...

    def is_own(self, name: str) -> bool: ...


@dataclass(frozen=True)
class TurnReader:
    """Reads the turns of a step; `sources` reads the tensors that `each` goes through."""

    names: Names
    blocks: Signatures
    sources: Callable[[Any, Path], Sources | None]

    def read(self, word: str, value: Any, path: Path, spec: Spec, component: Component | None) -> Turns | None:
        """The turns of `repeat` or `each`; None without, or where a mistake was noted."""
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return Turns(value)
        if isinstance(value, str):
            read = self.names.references(value, path)
            if isinstance(read, Reference):
                return Turns(read)
        if isinstance(value, dict) and value:
            sources = self.sources(value["from"], (*path, "from")) if word == "each" and "from" in value else None
            given = {key: inner for key, inner in value.items() if not (word == "each" and key == "from")}
            return self._by_turn(word, given, path, spec, component, sources)
        expected = "a whole number from 0, or {argument: [a value for each turn]}"
        first = catalogue.first_parameter(component) if component is not None and isinstance(value, list) else None
        hint = f"`{word}: {{{first.name}: {guess.flow(value)}}}`" if first is not None else ""
        self.names.problem(path, f"{word} is {shown(value)}", expected, hint)
        return None

    def _by_turn(
        self,
        word: str,
        given: Mapping[Any, Any],
        path: Path,
        spec: Spec,
        component: Component | None,
        sources: Sources | None,
    ) -> Turns | None:
        names = self.names
        arguments: dict[str, Any] = {}
        counts = {key: len(values) for key, values in given.items() if isinstance(values, list)}
        if len(set(counts.values())) > 1:
            told = ", ".join(f"{key} {count}" for key, count in counts.items())
            names.problem(path, f"{word} has lists of different lengths ({told})", "one entry a turn in each list")
            return None
        signature = self.blocks.signature(spec.name) if spec.slot == "blocks" else None
        for key, values in given.items():
            parameter = component.parameter(str(key)) if component else None
            if (component and parameter is None) or (signature and key not in signature.parameters):
                what = f"{spec.name} has no argument {str(key)!r}"
                known = signature.parameters if signature else ()
                hint = guess.argument(component, str(key)) if component else did_you_mean(str(key), known)
                names.problem((*path, key), what, hint=hint, key=True)
            elif (parameter.name if parameter else str(key)) in spec.arguments:
                what = f"{key} is given for all turns already"
                names.problem((*path, key), what, hint=f"take it away here, or beside {word}", key=True)
            elif not isinstance(values, list):
                read = names.references(values, (*path, key))
                if not isinstance(read, Reference):
                    names.problem((*path, key), f"{key} is {shown(values)}", "a list with a value for each turn")
                    continue
                arguments[str(key)] = read
            elif component and parameter:
                arguments[parameter.name] = tuple(
                    names.argument(component, parameter, item, (*path, key, index)) for index, item in enumerate(values)
                )
            else:
                arguments[str(key)] = tuple(
                    names.references(item, (*path, key, index)) for index, item in enumerate(values)
                )
        return Turns(next(iter(counts.values()), None), arguments, sources)
