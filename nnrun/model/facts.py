"""What the data tells a model: `$data.num_classes`, `$data.image.channels`, `$data.words.vocabulary_size`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nnrun.config.expressions import UNKNOWN, BadReference
from nnrun.errors import did_you_mean, one_of

Facts = Mapping[str, Any]

SIZES = ("channels", "length", "height", "width", "depth")
_AXES: Mapping[int, Mapping[str, int]] = {
    1: {"channels": 0, "length": 0},
    2: {"length": 0, "channels": 1},
    3: {"height": 0, "width": 1, "channels": 2},
    4: {"depth": 0, "height": 1, "width": 2, "channels": 3},
}


def size(shape: Sequence[int | None], word: str) -> Any:
    """A size of one row by its name; UNKNOWN where it varies. Raises KeyError where rows have no such axis."""
    if not shape and word == "channels":
        return 1
    found = shape[_AXES.get(len(shape), {})[word]]
    return UNKNOWN if found is None else found


def sizes_of(shape: Sequence[int | None]) -> list[str]:
    """The names of the sizes that rows of this shape have."""
    return list(_AXES.get(len(shape), {}))


def fact(facts: Facts | None, path: tuple[str, ...]) -> Any:
    """The value of `data.<...>`, its path without `data`; UNKNOWN where it is not known yet. Raises BadReference."""
    if facts is None:
        return UNKNOWN
    written = "$data." + ".".join(path)
    inner = facts.get(path[0]) if path else None
    if len(path) == 2 and isinstance(inner, Mapping):
        shape = inner.get("shape")
        if path[1] in SIZES:
            try:
                return UNKNOWN if shape is None else size(shape, path[1])
            except KeyError:
                what = f"{written}: rows of {path[0]} have the shape {tuple(shape or ())}"
                raise BadReference(what, one_of(sizes_of(shape or ()))) from None
        if path[1] in inner:
            return UNKNOWN if inner[path[1]] is None else inner[path[1]]
        if path[1] == "vocabulary_size":
            told = f"{written}: the input {path[0]!r} has no vocabulary"
            raise BadReference(told, f"`features: {{{path[0]}: {{index: COLUMN}}}}`")
        if path[1] == "vectors":
            told = f"{written}: the input {path[0]!r} has no vectors"
            raise BadReference(told, f"`features: {{{path[0]}: {{text: {{columns: COLUMN, vectors: FILE}}}}}}`")
    if len(path) == 1 and path[0] in facts and not isinstance(inner, Mapping):
        return UNKNOWN if inner is None else inner
    known = sorted((f"$data.{name}" for name in _flat(facts)), key=lambda name: name.count("."))
    hint = did_you_mean(written, known)
    raise BadReference(f"{written} is not known", one_of(known, hint), hint)


def _flat(facts: Facts) -> list[str]:
    names = []
    for key, inner in facts.items():
        hidden = ("shape", "dtype")
        names += [f"{key}.{name}" for name in inner if name not in hidden] if isinstance(inner, Mapping) else [key]
    return names
