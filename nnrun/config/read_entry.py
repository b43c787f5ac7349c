"""Columns and what is done with them: one entry of `features`, or of a target."""

from __future__ import annotations

from typing import Any

from nnrun.config.config import Entry
from nnrun.config.loader import Path
from nnrun.config.names import Names
from nnrun.config.own import preparation
from nnrun.config.spec import Spec


def entry(names: Names, value: Any, path: Path, name: str = "") -> Entry | None:
    """`{normalize: [age]}` or `{columns: [age], steps: [...]}`; without columns that of the input's own `name`."""
    if isinstance(value, dict) and "steps" in value:
        for key in value:
            if key not in ("columns", "steps"):
                names.problem((*path, key), f"unknown key {key!r}", "columns, steps", key=True)
        return _columns(names, value.get("columns", name or None), (*path, "columns"), chain(names, value, path))
    if isinstance(value, dict) and "columns" in value:
        chain(names, value, path)
        return None
    written, spec = preparation(names, value, path)
    if spec is None:
        return None
    if isinstance(value, dict):
        key, given = next(iter(value.items()))
        path = (*path, key, "columns") if isinstance(given, dict) else (*path, key)
    return _columns(names, name if written is None and name else written, path, (spec,))


def chain(names: Names, value: dict[Any, Any], path: Path) -> tuple[Spec, ...] | None:
    """The preparations under `steps`, one behind the other."""
    steps = value.get("steps")
    if not isinstance(steps, list) or not steps:
        example = "`{columns: [age], steps: [{impute: median}, normalize]}`"
        names.problem(path, "columns without steps", example)
        return None
    specs = [preparation(names, step, (*path, "steps", index), chain=True)[1] for index, step in enumerate(steps)]
    return None if None in specs else tuple(spec for spec in specs if spec)


def _columns(names: Names, value: Any, path: Path, steps: tuple[Spec, ...] | None) -> Entry | None:
    if steps is None:
        return None
    items = value if isinstance(value, list) else [value]
    if not items or not all(isinstance(item, str | int) and not isinstance(item, bool) for item in items):
        names.problem(path, "no column is named", "a column, or a list of columns: `normalize: [age, height]`")
        return None
    place = names.document.value
    places = {str(item): place((*path, index) if isinstance(value, list) else path) for index, item in enumerate(items)}
    return Entry(tuple(str(item) for item in items), steps, places)
