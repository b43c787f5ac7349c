"""Where every value of a config comes from: a line of a file, the command line, or a default."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nnrun.config.config import Config
from nnrun.config.expressions import UNKNOWN, BadReference
from nnrun.config.loader import Document, Path, dotted, load_text
from nnrun.config.references import Reference, parse
from nnrun.config.sections import Section
from nnrun.config.spec import plain
from nnrun.config.variables import look_up

# What nothing in a file says, and the task or the data decide.
_DECIDED = {
    ("task",): "read from the target",
    ("data", "split"): "drawn by nnrun, where the source has no parts",
    ("model", "outputs"): "the head of the task",
    ("compile", "loss"): "of the task",
    ("compile", "metrics"): "of the task",
}


@dataclass(frozen=True)
class Origin:
    """One value that is in force, and its source: `file:line:column`, `-s ...`, or default."""

    path: Path
    value: Any
    source: str

    @property
    def key(self) -> str:
        return dotted(self.path)

    @property
    def text(self) -> str:
        """The value on one line."""
        return self.value if isinstance(self.value, str) else json.dumps(self.value, ensure_ascii=False, default=str)


def origins(config: Config) -> list[Origin]:
    """Every value, section by section in the order of the file, and behind each section what was not written in it."""
    document, written = config.document, _as_written(config)
    found = [
        Origin(path, value, _source(document, path, _get(written, path), value))
        for path, value in _leaves(document.data, ())
        if path
    ]
    found = [_evaluated(config, origin) for origin in found]
    known = {origin.path[:length] for origin in found for length in range(1, len(origin.path) + 1)}
    defaults = [Origin(path, value, "default") for path, value in _defaults(config) if path not in known]
    decided = [Origin(path, "-", told) for path, told in _DECIDED.items() if path not in known]
    sections = list(dict.fromkeys(origin.path[0] for origin in (*found, *defaults, *decided)))
    return [
        origin
        for section in sections
        for part in (found, defaults, decided)
        for origin in part
        if origin.path[0] == section
    ]


def _as_written(config: Config) -> Any:
    """The file's data before references were read; what its parents say is not in it."""
    return load_text(config.written, config.document.file).data


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every value that holds no other; a list of plain values is one."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path, value


def _get(data: Any, path: Path) -> Any:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _source(document: Document, path: Path, written: Any, value: Any) -> str:
    where = document.value(path)
    is_reference = isinstance(written, str) and "$" in written and written != value and where.file == document.file
    return f"{where}, written {written}" if is_reference else str(where)


def _evaluated(config: Config, origin: Origin) -> Origin:
    """A value of the model that refers to variables alone, with what it stands for."""
    if not isinstance(origin.value, str) or "$" not in origin.value:
        return origin
    try:
        read = parse(origin.value)
        found = (
            read.value(lambda path: look_up(config.model.variables, path)) if isinstance(read, Reference) else UNKNOWN
        )
    except BadReference:  # a parameter of a block, a size of a step
        return origin
    return origin if found is UNKNOWN else Origin(origin.path, found, f"{origin.source}, written {origin.value}")


def _defaults(config: Config) -> Iterator[tuple[Path, Any]]:
    """What nnrun takes where nothing is written; the defaults of Keras' names are told by `nnrun help NAME`."""
    yield ("name",), config.name
    yield ("seed",), config.seed
    yield ("data", "missing"), config.data.missing
    if config.data.split is not None:
        yield from _of_section(("data", "split"), config.data.split)
    yield ("compile", "optimizer"), plain(config.compile.optimizer)
    for key in ("epochs", "batch_size", "shuffle", "callbacks", "keep"):
        yield ("fit", key), plain(getattr(config.fit, key))
    for section in ("cv", "runtime", "report"):
        yield from _of_section((section,), getattr(config, section))


def _of_section(path: Path, section: Section) -> Iterator[tuple[Path, Any]]:
    yield from (((*path, key), value) for key, value in section.model_dump().items() if value is not None)
