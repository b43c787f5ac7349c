"""`extends`: a config that starts from another. Sections merge; every value keeps the place where it was written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any

from nnrun.config import library
from nnrun.config.kinds import shown
from nnrun.config.loader import Document, Path, load_text
from nnrun.config.overrides import components, first_parameter
from nnrun.errors import ConfigError, Problem, Where, did_you_mean, listing

MAX_PARENTS = 20
KEY = "extends"


@dataclass
class Extended:
    """A document with those that it extends merged in, and their bytes in the order in which they were read."""

    document: Document
    parents: list[tuple[str, bytes]] = field(default_factory=list)


def extended(document: Document, file: FilePath) -> Extended:
    """The document on top of its parents. A copy of a config in a run's folder has copies of its parents beside it."""
    found = Extended(document)
    kept = iter(sorted(file.parent.glob("extends-[0-9][0-9]-*"))) if file.name == "config.yaml" else iter(())
    found.document = _merged(document, file, (file.resolve(),), found, kept)
    return found


def copies(parents: Sequence[tuple[str, bytes]]) -> dict[str, bytes]:
    """The files that stand beside the copy of a config, by name."""
    return {f"extends-{number:02}-{FilePath(name).name}": text for number, (name, text) in enumerate(parents, start=1)}


def _merged(
    document: Document, file: FilePath, above: tuple[FilePath, ...], found: Extended, kept: Iterator[FilePath]
) -> Document:
    if not isinstance(document.data, dict) or KEY not in document.data:
        return document
    written = document.data[KEY]
    items = written if isinstance(written, list) else [written]
    merged = Document({}, document.file)
    merged.keys[()], merged.values[()] = document.key(()), document.value(())
    for index, item in enumerate(items):
        path: Path = (KEY, index) if isinstance(written, list) else (KEY,)
        where = document.value(path)
        if not isinstance(item, str) or not item:
            raise _error(f"extends is {shown(item)}", where, "the file of another config, or a list of them")
        text, parent_file, name = _read(item, where, file, kept)
        if parent_file == file.resolve():
            raise _error("the config extends itself", where, "another config", "take the line away")
        if parent_file in above:
            raise _error(f"{item} extends this config, which extends it", where, "", "take one of the two away")
        found.parents.append((item, text))
        if len(found.parents) > MAX_PARENTS:
            raise _error(f"more than {MAX_PARENTS} configs are extended", where)
        try:
            parent = load_text(text, name)
        except ConfigError as error:
            raise ConfigError(
                [replace(one, hint=f"{one.hint}\n    extended at {where}".strip()) for one in error.problems]
            ) from None
        if not isinstance(parent.data, dict):
            raise _error(f"{item} is no config", where, "a mapping with data, model, blocks, ...")
        parent = _merged(parent, parent_file, (*above, parent_file), found, kept)
        _merge(merged, parent, ())
    child = Document({key: value for key, value in document.data.items() if key != KEY}, document.file)
    child.keys = {path: where for path, where in document.keys.items() if path[:1] != (KEY,)}
    child.values = {path: where for path, where in document.values.items() if path[:1] != (KEY,)}
    _merge(merged, child, ())
    return merged


def _read(item: str, where: Where, file: FilePath, kept: Iterator[FilePath]) -> tuple[bytes, FilePath, str]:
    """The bytes of a parent, its file, and how messages call it."""
    copy = next(kept, None)
    if copy is not None:
        return copy.read_bytes(), copy.resolve(), str(copy)
    if item in library.families():
        return library.text(item), FilePath(f"nnrun/{item}.yaml"), f"nnrun/{item}.yaml"
    try:
        folder, real = file.parent.resolve(), (file.parent / item).resolve()
    except (OSError, ValueError, RuntimeError):  # a null byte, a circle of links
        raise _error(f"{item!r} is no config", where, "a file that ends in .yaml") from None
    if "://" in item:
        hint = "nothing is fetched: put a copy beside this config"
        raise _error(f"{item} is no file", where, "the file of another config", hint)
    if real.suffix not in (".yaml", ".yml"):
        near = did_you_mean(item, library.families())
        hint = near or f"nnrun ships {listing(library.families())}"
        raise _error(f"{item!r} is no config", where, "a file that ends in .yaml", hint)
    if not (real.is_relative_to(folder) or real.is_relative_to(FilePath.cwd())):
        raise _error(f"{item} leads outside", where, "a file below the config's folder, or below the current one")
    try:
        return real.read_bytes(), real, str(file.parent / item)
    except OSError as error:
        told = "there is no such file" if isinstance(error, FileNotFoundError) else str(error.strerror)
        raise _error(f"{item}: {told}", where, f"a config beside {file.name}") from None


def _merge(below: Document, above: Document, path: Path) -> None:
    """Puts what stands at a path of `above` on top of `below`, in place."""
    base, new = _get(below.data, path), _get(above.data, path)
    if path:
        base, new = _opened(base, new), _opened(new, base)
    if not (isinstance(base, dict) and isinstance(new, dict)) or _other_spec(base, new):
        _replace(below, above, path)
        return
    _set(below, path, base)
    _set(above, path, new)
    for key in new:
        if base.get(key) is None:
            _replace(below, above, (*path, key))
        else:
            _merge(below, above, (*path, key))


def _replace(below: Document, above: Document, path: Path) -> None:
    """Takes the value of `above`, with its places."""
    for places, others in ((below.keys, above.keys), (below.values, above.values)):
        for inner in [inner for inner in places if inner[: len(path)] == path]:
            del places[inner]
        places.update({inner: where for inner, where in others.items() if inner[: len(path)] == path})
    _set(below, path, _get(above.data, path))


def _opened(value: Any, other: Any) -> Any:
    """A spec in the form of the other, so that they merge: `Adam: 1e-3` is a mapping beside `Adam: {...}`."""
    if isinstance(value, str) and isinstance(other, dict) and list(other) == [value]:
        return {value: {}}
    if isinstance(value, dict) and isinstance(other, dict) and len(value) == 1 and list(value) == list(other):
        name = next(iter(value))
        if not isinstance(value[name], dict) and isinstance(other[name], dict):
            first = first_parameter(name)
            if value[name] is None:
                return {name: {}}
            return value if first is None else {name: {first: value[name]}}
    return value


def _other_spec(base: dict[Any, Any], new: dict[Any, Any]) -> bool:
    """Two specs of different names: one takes the place of the other."""
    if len(base) != 1 or len(new) != 1 or list(base) == list(new):
        return False
    return all(any(True for _ in components(str(next(iter(item))))) for item in (base, new))


def _get(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def _set(document: Document, path: Path, value: Any) -> None:
    if not path:
        document.data = value
        return
    holder = _get(document.data, path[:-1])
    holder[path[-1]] = value


def _error(what: str, where: Where, expected: str = "", hint: str = "") -> ConfigError:
    return ConfigError([Problem(what, where, expected, hint)])
