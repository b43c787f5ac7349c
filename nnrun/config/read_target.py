"""`data.target`: what the model learns to answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun import catalogue
from nnrun.config.config import Entry, TargetSpec
from nnrun.config.kinds import shown
from nnrun.config.loader import Path
from nnrun.config.names import Names
from nnrun.config.read_entry import chain, entry
from nnrun.config.read_masked import masked
from nnrun.errors import Where, did_you_mean, one_of

WORDS = ("one_hot", "copy", "next", "masked")
KEYS = ("columns", "steps", "one_hot", "unit", "name")
EXPECTED = (
    "a column, {one_hot: column}, {copy: input}, {next: input}, {masked: input}, {PREPARATION: column}, "
    "or a list of them"
)


def targets(names: Names, value: Any) -> tuple[TargetSpec, ...]:
    """One target or a list of them."""
    path: Path = ("data", "target")
    if value is None:
        return ()
    items = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
    read = [_target(names, item, path if index is None else (*path, index)) for index, item in items]
    found = tuple(target for target in read if target is not None)
    called = [target.name for target in found]
    for number, target in enumerate(found):
        if target.name in called[:number]:
            what = f"two targets are called {target.name!r}"
            names.at(target.where, what, "a name for each", "write `{columns: ..., name: ...}`")
    return found


def _target(names: Names, value: Any, path: Path) -> TargetSpec | None:
    where = names.document.value(path)
    if _is_name(value):
        return TargetSpec(str(value), (str(value),), where=where)
    if isinstance(value, dict) and "columns" in value:
        return _long(names, value, path, where)
    word = next(iter(value), None) if isinstance(value, dict) and len(value) == 1 else None
    if word == "masked":
        return masked(names, value[word], (*path, word), where)
    if word in WORDS and isinstance(value[word], str):
        name = value[word]
        return TargetSpec(name, (name,), word == "one_hot", word == "copy", where, following=word == "next")
    known = catalogue.own_names("preparations")
    if word in known or catalogue.own_find("preparations", str(word)) is not None:
        return _prepared(entry(names, value, path), where)
    hint = did_you_mean(str(next(iter(value))), [*WORDS, *known]) if isinstance(value, dict) and value else ""
    names.problem(path, f"a target is {shown(value)}", EXPECTED, hint)
    return None


def _long(names: Names, value: Mapping[Any, Any], path: Path, where: Where) -> TargetSpec | None:
    """`{columns: price, steps: [log, normalize], unit: "log $", name: price}`."""
    for key in value:
        if key not in KEYS:
            hint = did_you_mean(str(key), KEYS)
            names.problem((*path, key), f"unknown key {str(key)!r}", one_of(KEYS, hint), hint, key=True)
    columns = value["columns"] if isinstance(value["columns"], list) else [value["columns"]]
    for key in ("unit", "name"):
        if key in value and not isinstance(value[key], str):
            names.problem((*path, key), f"{key} is {shown(value[key])}", "a text")
    if not columns or not all(_is_name(column) for column in columns):
        names.problem((*path, "columns"), "no column is named", "a column, or a list of columns")
        return None
    one_hot = value.get("one_hot", False)
    if not isinstance(one_hot, bool) or (one_hot and "steps" in value):
        names.problem((*path, "one_hot"), f"one_hot is {shown(one_hot)}", "true or false, and no steps with it")
    steps = chain(names, dict(value), path) if "steps" in value else ()
    if steps is None:
        return None
    if "unit" in value and not steps:
        names.problem((*path, "unit"), "a unit, and nothing that changes it", "`steps` that give this unit", key=True)
    texts = tuple(str(column) for column in columns)
    name = value.get("name", texts[0] if len(texts) == 1 else "target")
    unit = str(value["unit"]) if "unit" in value else None
    return TargetSpec(str(name), texts, one_hot is True, where=where, steps=steps, unit=unit)


def _prepared(found: Entry | None, where: Where) -> TargetSpec | None:
    if found is None:
        return None
    name = found.columns[0] if len(found.columns) == 1 else "target"
    return TargetSpec(name, found.columns, where=where, steps=found.steps)


def _is_name(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)
