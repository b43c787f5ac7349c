"""`from`, `repeat` and `each` as they are written, read in a scope: the tensors of a call, and the turns of a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from nnrun.config.config import Step, Text, Turns
from nnrun.config.expressions import UNKNOWN, BadReference
from nnrun.config.references import Reference
from nnrun.errors import Where, listing
from nnrun.model.calling import Group
from nnrun.model.reading import value_of
from nnrun.model.scope import Scope

MAX_TURNS = 10_000
# They have no tensor before them: they give the same to every row.
SOURCES = ("Variable", "Constant")


class Notes(Protocol):
    """Where problems are told, and the model's inputs."""

    inputs: tuple[str, ...]

    def say(self, where: Where, what: str, expected: str = "", hint: str = "") -> None: ...

    def bad(self, where: Where, error: BadReference, word: str = "") -> None: ...

    def value(self, reference: Any, scope: Scope, where: Where) -> Any: ...


@dataclass(frozen=True)
class Turn:
    """One turn: the arguments that differ, and its tensors where `each` goes through tensors."""

    arguments: Mapping[str, Any] = field(default_factory=dict)
    group: Group | None = None


def groups_of(step: Step, scope: Scope, notes: Notes, first: tuple[str, ...] | None) -> list[Group]:
    """The tensors by the names in `from`; in a later turn the first is what the turn before gave."""
    sources, where = step.sources, step.place("from")
    if step.spec.name in SOURCES and step.spec.slot == "layers":
        if sources is not None:
            notes.say(where, f"{step.spec.name} is called on nothing", hint="take `from` away")
        return []
    if sources is None:
        if not scope.previous:
            notes.say(
                step.where,
                f"{step.spec.name} does not say on which of the {len(notes.inputs)} inputs it is called",
                f"`from:` with one of {listing(notes.inputs)}",
            )
            return [Group(notes.inputs[:1])]
        return [Group(scope.previous)]
    if sources.by_parameter is None:
        found = [Group(tensors_of(text, scope, notes, where), several=sources.several) for text in sources.names]
    else:
        found = []
        for parameter, inner in sources.by_parameter.items():
            tensors = tuple(tensor for text in inner.names for tensor in tensors_of(text, scope, notes, where))
            found.append(Group(tensors, parameter, inner.several))
    if first is not None and found:
        found[0] = replace(found[0], tensors=first)
    return found


def tensors_of(text: Text, scope: Scope, notes: Notes, where: Where, word: str = "from") -> tuple[str, ...]:
    """The tensors of a name; those above where there is no such name, so that one mistake is said once."""
    try:
        written = text if isinstance(text, str) else value_of(text, scope)
        return scope.previous if written is UNKNOWN else scope.tensors(str(written))
    except BadReference as error:
        notes.bad(where, error, word)
        return scope.previous or notes.inputs[:1]


def turns_of(step: Step, scope: Scope, notes: Notes) -> Sequence[Turn]:
    """The turns of `repeat` or `each`; none where they are not known, or a mistake was noted."""
    turns, word = (step.repeat, "repeat") if step.repeat is not None else (step.each, "each")
    assert turns is not None
    where = step.place(word)
    arguments, groups = _arguments(turns, scope, notes, where), _groups(turns, scope, notes, where)
    counts = {len(values) for values in arguments.values()} | ({len(groups)} if groups is not None else set())
    count = counts.pop() if counts else notes.value(turns.count, scope, where)
    if counts:
        notes.say(where, f"{word} has lists of different lengths", "one entry a turn in each list")
        count = min(count, *counts)  # as many as can be, so that what follows is not called wrong too
    if count is UNKNOWN:
        return ()  # known once the data is read, or the layers are built
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        notes.say(where, f"{word} is {count!r}", "a whole number from 0")
        return ()
    if count > MAX_TURNS:
        notes.say(where, f"{word} makes more than {MAX_TURNS:,} layers", "fewer turns")
        return ()
    return [
        Turn({name: values[turn] for name, values in arguments.items()}, None if groups is None else groups[turn])
        for turn in range(count)
    ]


def _arguments(turns: Turns, scope: Scope, notes: Notes, where: Where) -> dict[str, Sequence[Any]]:
    """The arguments that differ from turn to turn, each a list of values."""
    found: dict[str, Sequence[Any]] = {}
    for name, values in turns.arguments.items():
        listed = notes.value(values, scope, where) if isinstance(values, Reference) else values
        if isinstance(listed, list | tuple):
            found[name] = listed
        elif listed is not UNKNOWN:
            notes.say(where, f"{name} is {listed!r}, from {values}", "a list with a value for each turn")
    return found


def _groups(turns: Turns, scope: Scope, notes: Notes, where: Where) -> list[Group] | None:
    """The tensors of each turn, where `each` goes through them."""
    if turns.sources is None:
        return None
    return [Group((name,)) for text in turns.sources.names for name in tensors_of(text, scope, notes, where)]
