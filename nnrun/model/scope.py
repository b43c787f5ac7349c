"""The names that a list of steps may use, and what a dotted name stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nnrun.config.config import Step
from nnrun.config.expressions import UNKNOWN, BadReference
from nnrun.errors import did_you_mean, nearest, one_of
from nnrun.model.facts import SIZES, Facts, fact, size, sizes_of


@dataclass(frozen=True)
class Bound:
    """What a name stands for: tensors, and where a dot looks, turns or the names inside a block."""

    tensors: tuple[str, ...]
    turns: tuple[Bound, ...] = ()
    inside: Scope | None = None
    node: str = ""  # of a single call, whose layer may be an application with layers inside
    opens: bool = False  # an application: a dot names one of its layers
    step: Step | None = None  # to be called again


@dataclass
class Scope:
    """One model or one call of a block; `path` is where it stands: `encoder.0`."""

    path: str
    names: dict[str, Bound]
    values: dict[str, Any]  # of a block's parameters
    variables: Mapping[str, Any]
    facts: Facts | None
    previous: tuple[str, ...] = ()
    turn: int | None = None
    counts: dict[str, int] = field(default_factory=dict)
    shapes: dict[str, Any] = field(default_factory=dict)  # of all tensors, shared between scopes
    inputs: tuple[str, ...] = ()
    written: tuple[str, ...] = ()  # names of this list, also those further below

    def full(self, name: str) -> str:
        """The name of a node in this scope, from outside."""
        return f"{self.path}.{name}" if self.path else name

    def bound(self, path: tuple[str, ...]) -> Bound:
        """What a dotted name stands for. Raises BadReference."""
        if path[0] == "previous":
            if not self.previous:
                raise BadReference("there is no step above this one", one_of(list(self.names)))
            found = Bound(self.previous)
        elif path[0] in self.names:
            found = self.names[path[0]]
        elif path[0] == "input" and len(self.inputs) == 1:
            found = Bound(self.inputs)  # the model's only input, whatever the data calls it
        else:
            raise self._missing(path)
        for place, part in enumerate(path[1:], start=1):
            if found.opens and not part.isdecimal():
                return self._layer_of(found, ".".join(path[:place]), ".".join(path[place:]))
            found = _inside(found, part, ".".join(path[:place]), self.shapes)
        return found

    def _layer_of(self, network: Bound, called: str, layer: str) -> Bound:
        """A layer of a network, which may have dots in its name; the layers of a trained one are known."""
        known = [name.removeprefix(f"{network.node}.") for name in self.shapes if name.startswith(f"{network.node}.")]
        if known and layer not in known:
            hint = did_you_mean(layer, known)
            raise BadReference(f"{called} has no layer {layer!r}", one_of(known, hint), hint)
        return Bound((f"{network.node}.{layer}",))

    def tensors(self, text: str) -> tuple[str, ...]:
        """The tensors of a written name. Raises BadReference."""
        return self.bound(tuple(text.split("."))).tensors

    def look_up(self, path: tuple[str, ...]) -> Any:
        """The value of a reference. Raises BadReference."""
        if path[0] == "data":
            return fact(self.facts, path[1:])
        if path[0] == "turn" and len(path) == 1:
            if self.turn is None:
                raise BadReference("$turn is not known", hint="it counts the turns of `repeat` and `each`, inside them")
            return self.turn
        for values in (self.values, self.variables):
            if path[0] in values:
                if len(path) > 1:
                    raise BadReference(f"${'.'.join(path)} is not known: ${path[0]} is a plain value")
                return values[path[0]]
        if len(path) > 1 and path[-1] in SIZES:
            return self._size(path)
        known = [*self.values, *self.variables, *(f"{name}.channels" for name in self.names), "data.num_classes"]
        written = ".".join(path)
        hint = did_you_mean(f"${written}", [f"${name}" for name in known])
        size_meant = nearest(path[-1], SIZES) if len(path) > 1 else None
        if size_meant and path[0] in (*self.names, "input", "previous"):
            hint = f"did you mean '${'.'.join(path[:-1])}.{size_meant}'?"
        if path[0] in self.names and not hint:
            hint = f"of a step its sizes are known: {', '.join(SIZES)}"
        if len(path) == 1 and not hint:
            hint = f"a value of yours is written above: `variables: {{{written}: ...}}`"
        raise BadReference(f"${written} is not known", one_of([f"${name}" for name in known], hint), hint)

    def _size(self, path: tuple[str, ...]) -> Any:
        tensors = self.bound(path[:-1]).tensors
        name = ".".join(path[:-1])
        if len(tensors) != 1:
            raise BadReference(f"{name} stands for {len(tensors)} tensors", f"one of them, such as {name}.0")
        shape = self.shapes.get(tensors[0])
        if shape is None or isinstance(shape, list):
            return UNKNOWN
        try:
            return size(shape, path[-1])
        except KeyError:
            what = f"${'.'.join(path)}: rows of {name} have the shape {tuple(shape)}"
            raise BadReference(what, one_of(sizes_of(shape))) from None

    def _missing(self, path: tuple[str, ...]) -> BadReference:
        names = list(self.names)
        if path[0] in self.written:
            hint = "it stands further below; move it above its use"
        elif "," in path[0]:
            hint = f"several names are a list: `from: [{path[0]}]`"
        else:
            hint = did_you_mean(path[0], names) or "a step is named by `name:` inside it, above its use"
        return BadReference(f"there is no step or input {path[0]!r} above", one_of(names), hint)


def _inside(found: Bound, part: str, before: str, shapes: Mapping[str, Any]) -> Bound:
    """One dot further: a turn, a tensor of several, a step of a block, a layer of an application."""
    if found.turns:
        if not part.lstrip("-").isdecimal():
            raise BadReference(f"{before} has {len(found.turns)} turns", f"`{before}.0.{part}`, counted from 0")
        if not 0 <= int(part) < len(found.turns):
            raise BadReference(f"{before} has {len(found.turns)} turns, counted from 0", f"0 to {len(found.turns) - 1}")
        return found.turns[int(part)]
    if found.inside is not None and part in found.inside.names:
        return found.inside.names[part]
    if part.isdecimal() and len(found.tensors) > 1:
        if int(part) >= len(found.tensors):
            raise BadReference(f"{before} gives {len(found.tensors)} tensors, counted from 0")
        return Bound((found.tensors[int(part)],))
    if part.isdecimal() and found.node:
        if shapes.get(found.node) is not None:
            raise BadReference(f"{before} gives one tensor", before)
        return Bound((f"{found.node}.{part}",))  # its shape is not known: it may give several
    names = list(found.inside.names) if found.inside is not None else []
    what = f"there is nothing named {part!r} in {before}"
    raise BadReference(what, one_of(names), did_you_mean(part, names))
