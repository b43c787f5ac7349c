"""YAML text to plain data in which every key and value knows its place.

YAML 1.2 core scalars (`1e-3` is a number, `no` is a text), duplicate keys refused, no tags, and budgets for size,
depth and expanded nodes that are checked while the events stream by, so that no hostile file reaches a recursion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from nnrun.config.syntax import syntax_problem
from nnrun.errors import ConfigError, Problem, Where

MAX_BYTES = 1_000_000
MAX_DEPTH = 64
MAX_NODES = 20_000

Path = tuple[str | int, ...]

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]{1,4000}")
_OCTAL = re.compile(r"0o[0-7]{1,1000}")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]{1,1000}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NOT_A_NUMBER = re.compile(r"\.(nan|NaN|NAN)")

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Document:
    """Plain data, and for every path of it the place of its key (or list item) and of its value."""

    data: Any
    file: str
    keys: dict[Path, Where] = field(default_factory=dict)
    values: dict[Path, Where] = field(default_factory=dict)

    def key(self, path: Path) -> Where:
        """The place of a key; of the nearest known parent where the path itself was never written."""
        return self._nearest(self.keys, path)

    def value(self, path: Path) -> Where:
        """The place of a value; of the nearest known parent where the path itself was never written."""
        return self._nearest(self.values, path)

    def name(self, path: Path, name: str) -> Where:
        """The place of a spec's name: of its key in `Name: ...`, of the value where the name stands alone."""
        return self.key(path) if path and str(path[-1]) == name else self.value(path)

    def rename(self, old: Path, new: Path) -> None:
        """Makes the places of `old` and all below it known under `new` too."""
        for places in (self.keys, self.values):
            for path in [path for path in places if path[: len(old)] == old]:
                places[(*new, *path[len(old) :])] = places[path]

    def _nearest(self, places: dict[Path, Where], path: Path) -> Where:
        for length in range(len(path), -1, -1):
            if path[:length] in places:
                found = places[path[:length]]
                return Where(found.file, found.line, found.column, dotted(path))
        return Where(self.file, 0, 0, dotted(path))


def dotted(path: Path) -> str:
    """A path as people write it: `model.layers[3].Conv2D`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


@dataclass(frozen=True)
class _Node:
    kind: str
    line: int
    column: int
    value: Any = None
    plain: bool = False


def load_text(text: str | bytes, file: str, prefix: Path = ()) -> Document:
    """Reads one YAML document; every mistake of the text is a ConfigError with its place."""
    if isinstance(text, bytes):
        written = text
        try:
            text = written.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line, column = written.count(b"\n", 0, error.start) + 1, error.start - written.rfind(b"\n", 0, error.start)
            raise _error(file, line, column, "not UTF-8 text", "save the file as UTF-8") from None
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise _error(file, 1, 1, f"larger than {MAX_BYTES:,} bytes", "a config is a page, not a data file")
    document = Document(None, file)
    try:
        root = _compose(yaml.parse(text, Loader=_Loader), file)
    except yaml.MarkedYAMLError as error:
        raise ConfigError([syntax_problem(text, file, error)]) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        raise _error(file, line, column, f"a character that YAML does not allow (#x{error.character:04x})") from None
    except (yaml.YAMLError, ValueError) as error:
        raise _error(file, 1, 1, f"not YAML: {str(error).splitlines()[0]}") from None
    _Expander(document, prefix).expand(root)
    return document


def _error(file: str, line: int, column: int, what: str, hint: str = "") -> ConfigError:
    return ConfigError([Problem(what, Where(file, line, column), hint=hint)])


def _compose(events: Iterator[Any], file: str) -> _Node:
    """Events to nodes, with a stack of our own; depth is refused as soon as it is reached."""
    anchors: dict[str, _Node] = {}
    stack: list[_Node] = []
    root: _Node | None = None
    nodes = 0
    for event in events:
        if not isinstance(event, yaml.DocumentStartEvent | yaml.NodeEvent | yaml.CollectionEndEvent):
            continue
        mark: Any = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        if isinstance(event, yaml.DocumentStartEvent):
            if root is not None:
                raise _error(file, line, 1, "a second document in the file", "one experiment is one file")
            continue
        if isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
            continue
        nodes += 1
        if nodes > MAX_NODES:
            raise _error(file, line, column, f"more than {MAX_NODES:,} values", "a config is a page, not a data file")
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            raise _error(
                file,
                line,
                column,
                f"the tag {tag!r} is not allowed",
                "a config is plain data; leave the tag out",
            )
        node: _Node
        if isinstance(event, yaml.AliasEvent):
            anchor = str(event.anchor)
            if anchor not in anchors:
                raise _error(file, line, column, f"the alias *{anchor} has no anchor &{anchor} above it")
            target = anchors[anchor]
            node = _Node("alias", line, column, target)
        elif isinstance(event, yaml.ScalarEvent):
            node = _Node("scalar", line, column, event.value, plain=event.implicit[0])
        else:
            kind = "sequence" if isinstance(event, yaml.SequenceStartEvent) else "mapping"
            node = _Node(kind, line, column, [])
            if len(stack) >= MAX_DEPTH:
                raise _error(file, line, column, f"nested deeper than {MAX_DEPTH} levels")
        if getattr(event, "anchor", None) and node.kind != "alias":
            anchors[str(event.anchor)] = node
        if stack:
            stack[-1].value.append(node)
        else:
            root = node
        if node.kind in ("sequence", "mapping"):
            stack.append(node)
    return root or _Node("scalar", 0, 0, "", plain=True)


class _Expander:
    """Nodes to data: aliases expanded within a budget, places noted, duplicate keys refused."""

    def __init__(self, document: Document, prefix: Path) -> None:
        self.document, self.prefix, self.nodes = document, prefix, 0
        self.problems: list[Problem] = []

    def expand(self, root: _Node) -> None:
        self.document.data = self.node(root, self.prefix, 0, None)
        if self.problems:
            raise ConfigError(self.problems)

    def node(self, node: _Node, path: Path, depth: int, key: _Node | None) -> Any:
        file = self.document.file
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            limit = f"more than {MAX_NODES:,} values" if self.nodes > MAX_NODES else f"deeper than {MAX_DEPTH} levels"
            raise _error(file, node.line, node.column, f"{limit} once the aliases are written out")
        self.document.keys[path] = Where(file, (key or node).line, (key or node).column, dotted(path))
        self.document.values[path] = Where(file, node.line, node.column, dotted(path))
        while node.kind == "alias":
            node = node.value
        if node.kind == "scalar":
            return scalar(node.value) if node.plain else node.value
        if node.kind == "sequence":
            return [self.node(item, (*path, index), depth + 1, None) for index, item in enumerate(node.value)]
        result: dict[Any, Any] = {}
        for key_node, value_node in zip(node.value[::2], node.value[1::2], strict=True):
            while key_node.kind == "alias":
                key_node = key_node.value
            if key_node.kind != "scalar":
                raise _error(file, key_node.line, key_node.column, "a key must be a name", "write `name: value`")
            name = scalar(key_node.value) if key_node.plain else key_node.value
            if not isinstance(name, str | int) or isinstance(name, bool):
                name = str(key_node.value)
            inner = (*path, name)
            if name in result:
                first = self.document.keys[inner]
                hint = (
                    "`layers` is a list: begin each layer with `- `" if path[-1:] == ("layers",) else "keep one of them"
                )
                self.problems.append(
                    Problem(
                        f"the key {name!r} stands twice (first in line {first.line})",
                        Where(file, key_node.line, key_node.column, dotted(inner)),
                        hint=hint,
                    )
                )
                continue
            result[name] = self.node(value_node, inner, depth + 1, key_node)
        return result


def scalar(text: str) -> Any:
    """A plain scalar by the YAML 1.2 core schema."""
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text):
        return True
    if _FALSE.fullmatch(text):
        return False
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text):
        return int(text[2:], 8)
    if _HEXADECIMAL.fullmatch(text):
        return int(text, 16)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INFINITE.fullmatch(text):
        return float(text.replace(".", ""))
    if _NOT_A_NUMBER.fullmatch(text):
        return float("nan")
    return text
