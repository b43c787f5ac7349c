"""What a cut of the power may leave of a disk, from the operations that were done on it (`recording` records them).

The model is that of ALICE (Pillai 2014) and CrashMonkey (Mohan 2018), and the strict reading of POSIX: data lasts from
the fsync of its file, a name from the fsync of its folder, and before that each operation may have reached the disk or
not, in any order, a write in part. A rename, and any other change of one name, happens or does not.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

SECTOR = 512

State: TypeAlias = dict[str, bytes | str | None]
"""What lies under the folder by path: a file's bytes, a link's target, None for a folder."""


@dataclass(eq=False)
class Node:
    """A file, a link or a folder, whatever its names are."""

    kind: str
    target: str = ""


@dataclass(frozen=True)
class Write:
    """Bytes into a file; or, without bytes, its new length."""

    node: Node
    place: int
    data: bytes | None


@dataclass(frozen=True)
class Names:
    """One change of a folder's names: what goes, what comes."""

    node: Node
    gone: str | None
    name: str | None = None
    child: Node | None = None


@dataclass(frozen=True)
class Sync:
    """All that was done to the node lasts from here."""

    node: Node


Operation: TypeAlias = Write | Names | Sync


@dataclass
class Cut:
    """What is known at one moment: of each node what lasts, and what was done since."""

    root: Node
    lasting: dict[Node, bytes | dict[str, Node]] = field(default_factory=dict)
    pending: dict[Node, list[Write | Names]] = field(default_factory=dict)

    def do(self, operation: Operation) -> None:
        node = operation.node
        if not isinstance(operation, Sync):
            self.pending.setdefault(node, []).append(operation)
        elif node.kind == "folder":
            self.lasting[node] = _named(self._names(node), self.pending.pop(node, []))
        else:
            self.lasting[node] = _written(self._bytes(node), self.pending.pop(node, []))

    def walk(self, pick: Callable[[list[Any]], list[Any]], fill: Callable[[bytes, list[Any]], bytes]) -> State:
        """The state in which of each folder the changes that `pick` gives happened, of each file what `fill` makes."""
        state: State = {}
        todo = [("", self.root)]
        while todo:
            prefix, folder = todo.pop()
            for name, node in _named(self._names(folder), pick(self.pending.get(folder, []))).items():
                path = f"{prefix}{name}"
                if node.kind == "folder":
                    state[path] = None
                    todo.append((f"{path}/", node))
                elif node.kind == "link":
                    state[path] = node.target
                else:
                    state[path] = fill(self._bytes(node), self.pending.get(node, []))
        return state

    def _names(self, node: Node) -> dict[str, Node]:
        names = self.lasting.get(node, {})
        assert isinstance(names, dict)
        return names

    def _bytes(self, node: Node) -> bytes:
        content = self.lasting.get(node, b"")
        assert isinstance(content, bytes)
        return content


def whole(cut: Cut) -> State:
    """The state without a cut: all that was done."""
    return cut.walk(list, _written)


def sample(cut: Cut, random: Random) -> State:
    """One state that the cut may leave, by chance; of each file and each folder by itself."""
    return cut.walk(lambda done: _some(done, random), lambda lasting, done: _torn(lasting, done, random))


def _named(lasting: Mapping[str, Node], done: Sequence[Any]) -> dict[str, Node]:
    names = dict(lasting)
    for change in done:
        if change.gone is not None:
            names.pop(change.gone, None)
        if change.name is not None:
            names[change.name] = change.child
    return names


def _written(lasting: bytes, done: Sequence[Any]) -> bytes:
    content = bytearray(lasting)
    for write in done:
        if write.data is None:
            content = content[: write.place].ljust(write.place, b"\0")
        else:
            content = content.ljust(write.place, b"\0")  # a hole, where what came before was lost
            content[write.place : write.place + len(write.data)] = write.data
    return bytes(content)


def _some(done: list[Any], random: Random) -> list[Any]:
    """None, all, the first few, or any of them in their order."""
    how = random.randrange(4)
    if how == 0 or not done:
        return []
    if how == 1:
        return done
    if how == 2:
        return done[: random.randrange(len(done) + 1)]
    return [change for change in done if random.random() < 0.5]


def _torn(lasting: bytes, done: list[Any], random: Random) -> bytes:
    """Some of the writes, the last of them in part; or the new length, with zeros where sectors were lost."""
    if not done:
        return lasting
    if random.random() < 0.3:
        return _sectors_lost(lasting, _written(lasting, done), random)
    kept = _some(done, random)
    if kept and kept[-1].data and random.random() < 0.5:
        last = kept[-1]
        kept = [*kept[:-1], Write(last.node, last.place, last.data[: random.randrange(len(last.data))])]
    return _written(lasting, kept)


def _sectors_lost(lasting: bytes, content: bytes, random: Random) -> bytes:
    torn = bytearray(content)
    for start in range(0, len(torn), SECTOR):
        if random.random() < 0.5:
            end = min(start + SECTOR, len(torn))
            torn[start:end] = lasting[start:end].ljust(end - start, b"\0")
    return bytes(torn)


def on_disk(folder: Path) -> State:
    """What really lies below `folder`."""
    state: State = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        state[name] = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
    return state


class Workbench:
    """A real folder that is brought from one state to the next by its differences, which are few."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._state: State = {}

    def show(self, state: State) -> None:
        old = self._state
        for name in sorted(old, reverse=True):
            if name not in state or type(old[name]) is not type(state[name]):
                path = self.folder / name
                path.rmdir() if old[name] is None else path.unlink()
        for name in sorted(state):
            if name in old and old[name] == state[name]:
                continue
            content, path = state[name], self.folder / name
            if content is None:
                path.mkdir()
            elif isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path.unlink(missing_ok=True)
                path.symlink_to(content)
        self._state = dict(state)
