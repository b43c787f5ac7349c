"""The docstring of a definition: the text of each argument, and what kind of value it asks for."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

_SECTION = re.compile(r"(?P<call>call )?(args|arguments):\s*$", re.IGNORECASE)
_ENTRY = re.compile(r"(\s+)`?([*\w]+)`?(?:\s*\([^)]*\))?:\s*(.*)")

# A parameter that may also be one of these takes more than its default shows.
_OTHER_THAN_SCALAR = re.compile(
    r"\b(lists?|tuples?|array|arrays|tensors?|callable|function|"
    r"schedule|(?<!for )instance|dict|dictionary|string|str|none)\b",
    re.IGNORECASE,
)
_OTHER_THAN_INTEGERS = re.compile(
    r"\b(tuples? of (\w+ )?(tuples|lists)|floats?|tensors?|callable|instance|dict|dictionary|string|none)\b",
    re.IGNORECASE,
)
_OTHER_THAN_BOOLEAN = re.compile(
    r"\bor (an? )?(string|int|integer|float|list|tuple|callable|none)\b|`none`|\"auto\"", re.IGNORECASE
)
_OTHER_THAN_TEXT = re.compile(
    r"\b(int|integers?|floats?|bool|boolean|lists?|tuples?|tensors?|callable|function|instance|dict|none|true|false)\b",
    re.IGNORECASE,
)
_LEADING = r"^(\(optional\) *|optional[ ,:]*|a |an |the |python |positive |non-negative |strictly positive )*"
_INTEGER = re.compile(_LEADING + r"(ints?|integers?|number of|(list|tuple) of integers)\b", re.IGNORECASE)
_INTEGER_LIST = re.compile(r"\b(list|tuple|list/tuple|tuple/list)s? of (\w+ )?(ints?|integers?)\b", re.IGNORECASE)
_SHAPE = re.compile(r"\btuple of integers|\bshape tuple", re.IGNORECASE)
_NUMBER = re.compile(_LEADING + r"(float|number)\b", re.IGNORECASE)
_ANNOTATED = {
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "str": "string",
    "Steps": "steps",  # these two are names of nnrun's own schedules
    "LearningRate": "number",
}
_TEXT = re.compile(_LEADING + r"(strings?|str|one of)\b", re.IGNORECASE)


def arguments(doc: str, names: Collection[str], *, call: bool = False) -> dict[str, str]:
    """The text of each of `names` in the section Args, or with `call` in the section Call arguments."""
    texts: dict[str, list[str]] = {}
    inside, current, indent = False, "", 0
    for line in doc.splitlines():
        section = _SECTION.match(line)
        if section:
            inside, current = bool(section["call"]) == call, ""
            continue
        if line and not line[0].isspace():
            inside = False
        entry = _ENTRY.match(line) if inside else None
        if entry and entry[2] in names and entry[2] not in texts:
            current, indent = entry[2], len(entry[1])
            texts[current] = [entry[3]]
        elif entry and len(entry[1]) <= indent:  # an argument that was not asked for, such as **kwargs
            current = ""
        elif inside and current:
            texts[current].append(line.strip())
    return {name: " ".join(" ".join(lines).split()) for name, lines in texts.items()}


def kind(name: str, default: Any, doc: str, *, required: bool = False) -> str:
    """The kind of value that a parameter asks for; `any` wherever a refusal might be wrong."""
    head = _first_sentence(doc)
    if isinstance(default, bool):
        return "boolean" if not _OTHER_THAN_BOOLEAN.search(head) else "any"
    if name.endswith("shape"):
        return "shape" if _SHAPE.search(doc) else "any"
    # What follows None says only that the default may be written, which it always may.
    optional = default is None and not required
    said = re.sub(r",?\s*\bor `?none`?", "", doc, flags=re.IGNORECASE) if optional else doc
    if isinstance(default, str):
        return "string" if _TEXT.match(head) and not _OTHER_THAN_TEXT.search(said) else "any"
    if _INTEGER_LIST.search(head) or (_INTEGER.match(head) and re.search(r"\b(list|tuple)", head)):
        return "integers" if not _OTHER_THAN_INTEGERS.search(_first_sentence(said)) else "any"
    if default is None or isinstance(default, int | float):
        if _OTHER_THAN_SCALAR.search(_before_default(said)):
            return "any"
        if _INTEGER.match(head) and not isinstance(default, float) and "float" not in head.lower():
            return "integer"
        if _NUMBER.match(head) or isinstance(default, int | float):
            return "number"
    return "any"


def annotated_kind(annotation: str) -> str:
    """The kind that a simple annotation names: `int`, `float | None`, `Steps`; any for every other."""
    simple = annotation.replace(" ", "").removesuffix("|None")
    return _ANNOTATED.get(simple, "any")


def _first_sentence(doc: str) -> str:
    return re.split(r"\.(?:\s|$)", doc, maxsplit=1)[0]


def _before_default(doc: str) -> str:
    return re.split(r"\bdefaults? to\b", doc, maxsplit=1, flags=re.IGNORECASE)[0]
