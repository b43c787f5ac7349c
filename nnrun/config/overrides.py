"""`-s a.b.c=value`: any key of a config from the command line, read by the same scalars and checks as the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Component
from nnrun.config.loader import Document, Path, load_text, scalar
from nnrun.errors import ConfigError, Problem, Where, did_you_mean


def apply(document: Document, override: str) -> None:
    """Sets one key of the document in place; list items by index or by the step's name."""
    dotted, equals, text = override.partition("=")
    where = Where(f"-s {override}")
    keys = dotted.strip().split(".")
    if not equals or not all(keys):
        raise ConfigError([Problem(f"{override!r} is no override", where, "-s KEY=VALUE, such as -s fit.epochs=5")])
    if not isinstance(document.data, dict):
        raise ConfigError([Problem("the config is no mapping", where)])
    if keys[0] == "extends":  # what a config extends was read before
        raise ConfigError([Problem("extends cannot be overridden", where, hint="write it in a file")])
    holder: Any = document.data
    path: Path = ()
    for key in keys[:-1]:
        holder, path = _descend(holder, path, key, where)
    holder, last, path = _place(holder, path, keys[-1], where)
    if isinstance(holder, list) and _name_of(holder[last]) == keys[-1]:  # `layers.Dropout=0.2` is `- Dropout: 0.2`
        holder[last] = {keys[-1]: None}
        holder, last, path = holder[last], keys[-1], (*path, last)
    try:
        value = load_text(text, where.file, (*path, last))
    except ConfigError as error:
        raise ConfigError([replace(problem, where=where, hint="") for problem in error.problems]) from None
    holder[last] = value.data
    for places, new in ((document.keys, value.keys), (document.values, value.values)):
        for inner in [place for place in places if place[: len(path) + 1] == (*path, last)]:
            del places[inner]
        for inner, found in new.items():
            places[inner] = Where(where.file, 0, 0, found.path)


def _descend(holder: Any, path: Path, key: str, where: Where) -> tuple[Any, Path]:
    """One step inward; a mapping that is missing is made, and a spec without arguments gets a mapping."""
    holder, last, path = _place(holder, path, key, where)
    inner = holder.get(last) if isinstance(holder, dict) else holder[last]
    is_name = isinstance(inner, str) and (_is_step((*path, last)) or any(True for _ in components(inner)))
    if is_name:  # `Flatten` in a list: give it arguments
        holder[last] = inner = {inner: {}}
    elif inner is None:
        holder[last] = inner = {}
    elif not isinstance(inner, dict | list):
        first = first_parameter(last)
        if first is None:
            raise ConfigError([Problem(f"{key!r} is a plain value and has no keys inside", where)])
        holder[last] = inner = {first: inner}
    return inner, (*path, last)


def _place(holder: Any, path: Path, key: str, where: Where) -> tuple[Any, Any, Path]:
    """The container and the key or index in it that `key` names; goes through a spec's only name by itself."""
    if isinstance(holder, list):
        index = _index(holder, key, where)
        return holder, index, path
    if not isinstance(holder, dict):
        raise ConfigError([Problem(f"{key!r} has nothing to stand in", where)])
    if len(holder) == 1 and key not in holder:
        name = next(iter(holder))
        if isinstance(name, str) and (_is_step(path) or any(True for _ in components(name))):
            if not isinstance(holder[name], dict):
                first = first_parameter(name)
                if (
                    first is None and holder[name] is not None and _is_step(path)
                ):  # a block, whose parameters are its own
                    what = f"{name!r} has a plain value, beside which {key!r} cannot stand"
                    raise ConfigError([Problem(what, where, f"`{name}: {{argument: value}}` in the file")])
                holder[name] = {} if holder[name] is None or first is None else {first: holder[name]}
            return holder[name], key, (*path, name)
    return holder, scalar(key) if key.isdecimal() and key not in holder else key, path


def _is_step(path: Path) -> bool:
    """Whether a place is a step: an item of `layers`, or of a block that is a list."""
    return len(path) > 1 and isinstance(path[-1], int) and (path[-2] == "layers" or path[:-2] == ("blocks",))


def _name_of(item: Any) -> str | None:
    """The name of a spec in a list; None where the item is no spec."""
    if isinstance(item, dict) and len(item) == 1:
        item = next(iter(item))
    return item if isinstance(item, str) else None


def _index(items: list[Any], key: str, where: Where) -> int:
    if re.fullmatch(r"-?[0-9]{1,9}", key):
        if not -len(items) <= int(key) < len(items):
            raise ConfigError([Problem(f"there is no item {key}; the list has {len(items)}, counted from 0", where)])
        return int(key) % len(items)
    names: dict[str, int] = {}
    layers: dict[str, list[int]] = {}
    for index, item in enumerate(items):
        inner = next(iter(item.values())) if isinstance(item, dict) and len(item) == 1 else None
        if isinstance(inner, dict) and "name" in inner:
            names[str(inner["name"])] = index
        name = _name_of(item)
        if name is not None:
            layers.setdefault(name, []).append(index)
    if key not in names and len(layers.get(key, ())) > 1:
        places = ", ".join(map(str, layers[key]))
        raise ConfigError([Problem(f"{len(layers[key])} items of the list are {key}", where, f"an index: {places}")])
    names = {name: indices[0] for name, indices in layers.items()} | names
    if key not in names:
        raise ConfigError(
            [
                Problem(
                    f"no item of the list is named {key!r}",
                    where,
                    "an index from 0, or a name",
                    did_you_mean(key, names),
                )
            ]
        )
    return names[key]


def first_parameter(name: Any) -> str | None:
    """What `Name: value` sets, whatever the name stands for."""
    for component in components(str(name)):
        first = catalogue.first_parameter(component)
        if first is not None:
            return first.name
    return None


def components(name: str) -> Iterator[Component]:
    """Everything that the name of a spec may stand for."""
    for slot in (*catalogue.slots_of(name), "sources", "preparations", "augmentations"):
        component = catalogue.find(slot, name) or catalogue.own_find(slot, name)
        if component is not None:
            yield component
