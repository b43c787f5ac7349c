"""`plugins`: the own Python files that a config names, read once and held against the approvals; none runs here."""

from __future__ import annotations

import shlex
from pathlib import Path as FilePath
from typing import Any

from nnrun import trust
from nnrun.catalogue import OwnFile, read_own_file
from nnrun.config.kinds import shown
from nnrun.config.loader import Document
from nnrun.errors import ConfigError, NnrunError, Problem, Where

KEY = "plugins"
FOLDER = "plugins"  # in a run: the copies that it was begun with


def plugins(document: Document, folder: FilePath) -> tuple[tuple[OwnFile, ...], list[Problem]]:
    """The files in the order of the list, and what is wrong: with one of them wrong, none of their names is known."""
    written = document.data.get(KEY) if isinstance(document.data, dict) else None
    if written is None:
        return (), []
    problems: list[Problem] = []
    found: dict[str, OwnFile] = {}
    for index, item in enumerate(written if isinstance(written, list) else [written]):
        where = document.value((KEY, index) if isinstance(written, list) else (KEY,))
        try:
            file = _approved(item, where, folder)
            _refuse_twins(file, found, where)
            found[file.name] = file
        except NnrunError as error:
            problems += error.problems
    return tuple(found.values()), problems


def copies(files: tuple[OwnFile, ...]) -> dict[str, bytes]:
    """The files as a run keeps them, by their place in its folder."""
    return {f"{FOLDER}/{file.name}": file.source for file in files}


def _approved(item: Any, where: Where, folder: FilePath) -> OwnFile:
    path = _find(item, where, folder)
    source = trust.read(path)
    if not trust.is_approved(source):
        what = f"{item} is not approved as it is now, and a config runs no code that nobody has read"
        raise _error(
            what,
            where,
            hint=f"read it; if it may run on this machine: `{shlex.join(['nnrun', 'trust', _short(path)])}`",
        )
    return read_own_file(path.name, source)


def _find(item: Any, where: Where, folder: FilePath) -> FilePath:
    """The real file: a run's own copy, else below the folder of the config that names it, or the current one."""
    if not isinstance(item, str) or not item.endswith(".py") or "\0" in item:
        raise _error(f"a plugin is {shown(item)}", where, "the file of your Python code, such as `blocks.py`")
    copy = folder / FOLDER / FilePath(item).name
    if (folder / "run.json").is_file() and copy.is_file():
        return copy
    named_in = FilePath(where.file).parent if FilePath(where.file).is_file() else folder
    leads = False
    for base in dict.fromkeys((named_in.resolve(), folder.resolve(), FilePath.cwd())):
        try:
            real = (base / item).resolve()
            inside, there = real.is_relative_to(base), real.is_file()
        except (OSError, RuntimeError):  # a name that is too long, a loop of links
            continue
        if inside and there:
            return real
        leads |= not inside
    if leads:
        raise _error(f"{item} leads outside", where, "a file below the config's folder, or below the current one")
    raise _error(f"there is no file {item!r}", where, f"a file below {folder}, or below the current folder")


def _refuse_twins(file: OwnFile, found: dict[str, OwnFile], where: Where) -> None:
    if file.name in found:
        raise _error(f"two plugins are called {file.name}", where, hint="a run keeps a copy of each by its name")
    for other in found.values():
        for slot, name in set(file.components) & set(other.components):
            raise _error(f"{file.name} and {other.name} both define {name}, among the {slot}", where, hint="rename one")


def _short(path: FilePath) -> str:
    """The path as it is typed here."""
    return str(path.relative_to(FilePath.cwd())) if path.is_relative_to(FilePath.cwd()) else str(path)


def _error(what: str, where: Where, expected: str = "", hint: str = "") -> ConfigError:
    return ConfigError([Problem(what, where, expected, hint)])
