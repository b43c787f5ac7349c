"""References: `$width`, `$(width * 2)`, `encoder.$(2 - turn).skip`: values that are known once their names are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nnrun.config import expressions
from nnrun.config.expressions import UNKNOWN, BadReference, Expression, Lookup
from nnrun.errors import Problem, Where

MAX_LETTERS = 10_000
_PLAIN = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")


@dataclass(frozen=True)
class Reference:
    """A text with references in it; `parts` are plain texts and parsed expressions, in order."""

    text: str
    parts: tuple[str | Expression, ...]
    where: Where = Where("")

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:  # part of the key by which folds share a program
        return f"Reference({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """Every dotted name that is read, in order."""
        return tuple(path for part in self.parts if isinstance(part, Expression) for path in expressions.names(part))

    @property
    def is_whole(self) -> bool:
        """Whether the whole text is one expression, whose value keeps its type."""
        return len(self.parts) == 1

    def value(self, lookup: Lookup) -> Any:
        """The value; UNKNOWN where a name is not known yet. Raises BadReference for what cannot be reckoned."""
        values = [part if isinstance(part, str) else expressions.evaluate(part, lookup) for part in self.parts]
        if any(value is UNKNOWN for value in values):
            return UNKNOWN
        if self.is_whole:
            return values[0]
        told = "".join(_text(value) for value in values)
        if len(told) > MAX_LETTERS:  # texts of texts of texts: each step doubles them
            raise BadReference(f"a text of {len(told):,} letters", f"at most {MAX_LETTERS:,}")
        return told


def has_reference(text: str) -> bool:
    """Whether a text needs reading: it holds a dollar."""
    return "$" in text


def parse(text: str, where: Where = Where("")) -> Reference | str:
    """A text as a reference; the plain text where every dollar is written double. Raises BadReference."""
    parts: list[str | Expression] = []
    plain, place = "", 0
    while (found := text.find("$", place)) >= 0:
        plain += text[place:found]
        rest = text[found + 1 :]
        if rest.startswith("$"):
            plain, place = plain + "$", found + 2
            continue
        if rest.startswith("("):
            inner = _balanced(rest, text)
            place = found + 1 + len(inner) + 2
        else:
            name = _PLAIN.match(rest)
            if name is None:
                hint = "brackets in place of braces" if rest.startswith("{") else "a dollar is written $$"
                raise BadReference(f"{text!r} is no reference", "$name or $(expression)", hint)
            inner = name[0]
            place = found + 1 + len(inner)
        if plain:
            parts.append(plain)
        plain = ""
        parts.append(expressions.read(inner, text))
    plain += text[place:]
    if not any(isinstance(part, Expression) for part in parts):
        return plain
    return Reference(text, tuple([*parts, plain] if plain else parts), where)


def references(value: Any) -> Iterator[Reference]:
    """Every reference inside a value: in specs, lists and mappings."""
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from references(item)
    elif hasattr(value, "arguments"):
        yield from references(value.arguments)


def parsed_within(value: Any, note: Callable[[BadReference], None], where: Where) -> Any:
    """A plain YAML value with every text that holds a dollar read as a reference; `note` is told what is wrong."""
    if isinstance(value, str) and has_reference(value):
        try:
            return parse(value, where)
        except BadReference as error:
            note(error)
            return None
    if isinstance(value, Mapping):
        return {key: parsed_within(item, note, where) for key, item in value.items()}
    if isinstance(value, list):
        return [parsed_within(item, note, where) for item in value]
    return value


def problem(error: BadReference, where: Where) -> Problem:
    """What is wrong with a reference, with its place."""
    return Problem(error.what, where, error.expected, error.hint)


def _balanced(text: str, whole: str) -> str:
    """What stands inside the bracket with which `text` begins."""
    depth = 0
    for index, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return text[1:index]
    hint = 'close it; inside braces a comma ends a value, so put quotes around it: "$(max(a, b))"'
    raise BadReference(f"the bracket of {whole!r} is never closed", "$(expression)", hint)


def _text(value: Any) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
