"""Records what a block really does to the files below a folder, by standing in for the functions of `os` and `open`.

    with recording(folder) as disk:
        write_text(folder / "a", "x")
    state = sample(disk.after(len(disk.operations)), random)

The state may be `{"a": b"x"}`, `{}` or `{"a": b"\\0"}` where nothing was made durable; here it is always the first.
"""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from power import Cut, Names, Node, Operation, Sync, Write


class Disk:
    """What a block did below a folder, in order; `fail` may raise before an operation is done."""

    def __init__(self, folder: Path, fail: Callable[[int], None] | None = None) -> None:
        self.folder = os.path.abspath(folder)
        self.root = Node("folder")
        self.operations: list[Operation] = []
        self.marks: list[tuple[int, str, Any]] = []
        self.paths: dict[str, Node] = {self.folder: self.root}
        self.open: dict[int, str] = {}
        self._fail = fail
        assert os.listdir(self.folder) == [], "what was there before would be missing in every state"

    def mark(self, label: str, value: Any = None) -> None:
        """A promise made, or begun, at this moment."""
        self.marks.append((len(self.operations), label, value))

    def after(self, count: int) -> Cut:
        """What is known after the first `count` operations."""
        cut = Cut(self.root)
        for operation in self.operations[:count]:
            cut.do(operation)
        return cut

    def path(self, path: Any, folder: int | None = None) -> str | None:
        """The absolute path, if it lies below the folder."""
        if isinstance(path, int):
            return self.open.get(path)
        given = os.fsdecode(path)
        if folder is not None and not os.path.isabs(given):
            given = os.path.join(self.open.get(folder, "/elsewhere"), given)
        given = os.path.abspath(given)
        return given if given == self.folder or given.startswith(self.folder + os.sep) else None

    def before(self) -> None:
        """An operation is about to be done that may need room."""
        if self._fail is not None:
            self._fail(len(self.operations))

    def add(self, operation: Operation) -> None:
        self.operations.append(operation)

    def write(self, descriptor: int, place: int, data: bytes | None) -> None:
        self.add(Write(self.paths[self.open[descriptor]], place, data))

    def names(self, gone: str | None, name: str | None = None, child: Node | None = None) -> None:
        """Changes names of one folder, given as paths: the model knows no move from one folder to another."""
        parents = {os.path.dirname(path) for path in (gone, name) if path is not None}
        assert len(parents) == 1, f"a move between folders: {gone} to {name}"
        short = [None if path is None else os.path.basename(path) for path in (gone, name)]
        child = child or (self.paths[gone] if gone is not None and name is not None else None)
        self.add(Names(self.paths[parents.pop()], short[0], short[1], child))
        if gone is not None:
            moved = {path: node for path, node in self.paths.items() if path == gone or path.startswith(gone + os.sep)}
            for path in moved:
                del self.paths[path]
            if name is not None:
                self.paths.update({name + path[len(gone) :]: node for path, node in moved.items()})
        elif name is not None and child is not None:
            self.paths[name] = child


class _File(io.FileIO):
    """What the built-in `open` gives, recorded."""

    def __init__(self, disk: Disk, path: str, mode: str) -> None:
        self._disk = disk
        new = not os.path.exists(path)
        disk.before()
        super().__init__(path, mode)
        _opened(disk, self.fileno(), path, new=new, emptied="w" in mode and not new)

    def write(self, data: Any) -> int:
        self._disk.before()
        place = os.fstat(self.fileno()).st_size if "a" in self.mode else self.tell()
        count = super().write(data)
        self._disk.write(self.fileno(), place, bytes(memoryview(data).cast("B")[:count]))
        return count

    def truncate(self, size: int | None = None) -> int:
        self._disk.before()
        length = super().truncate(size)
        self._disk.write(self.fileno(), length, None)
        return length

    def close(self) -> None:
        if not self.closed:
            self._disk.open.pop(self.fileno(), None)
        super().close()


def _opened(disk: Disk, descriptor: int, path: str, *, new: bool, emptied: bool) -> None:
    disk.open[descriptor] = path
    if new:
        disk.names(None, path, Node("file"))
    elif emptied:
        disk.write(descriptor, 0, None)


@contextmanager
def recording(folder: Path, fail: Callable[[int], None] | None = None) -> Iterator[Disk]:
    """Records every change below `folder`, which must be empty.

    `fail` is called before each operation that may need room on the disk, with the number of those done, and may raise.
    """
    disk = Disk(folder, fail)
    real = {name: getattr(os, name) for name in ("open", "close", "write", "fsync", "ftruncate", "replace", "unlink")}
    real |= {name: getattr(os, name) for name in ("mkdir", "rmdir", "symlink")}
    real_open = io.open

    def os_open(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        ours = disk.path(path, dir_fd)
        new = ours is not None and not os.path.lexists(ours)
        if new:
            disk.before()
        descriptor: int = real["open"](path, flags, mode, dir_fd=dir_fd)
        disk.open.pop(descriptor, None)
        if ours is not None:
            _opened(disk, descriptor, ours, new=new, emptied=bool(flags & os.O_TRUNC) and not new)
        return descriptor

    def os_close(descriptor: int) -> None:
        disk.open.pop(descriptor, None)
        real["close"](descriptor)

    def os_write(descriptor: int, data: bytes) -> int:
        if descriptor not in disk.open:
            return int(real["write"](descriptor, data))
        disk.before()
        place = os.fstat(descriptor).st_size  # the storage opens only to append
        count = int(real["write"](descriptor, data))
        disk.write(descriptor, place, bytes(data[:count]))
        return count

    def os_ftruncate(descriptor: int, length: int) -> None:
        disk.before()
        real["ftruncate"](descriptor, length)
        if descriptor in disk.open:
            disk.write(descriptor, length, None)

    def os_fsync(descriptor: int) -> None:
        """Not done for real: nobody will cut the power of this machine, and it takes the time of the test."""
        if descriptor in disk.open:
            disk.before()
            disk.add(Sync(disk.paths[disk.open[descriptor]]))

    def os_replace(source: Any, target: Any) -> None:
        disk.before()
        real["replace"](source, target)
        old, new = disk.path(source), disk.path(target)
        assert old is not None
        disk.names(old, new)

    def os_mkdir(path: Any, mode: int = 0o777) -> None:
        if not os.path.lexists(path):
            disk.before()
        real["mkdir"](path, mode)
        disk.names(None, disk.path(path), Node("folder"))

    def os_symlink(target: Any, path: Any, target_is_directory: bool = False) -> None:
        disk.before()
        real["symlink"](target, path, target_is_directory)
        disk.names(None, disk.path(path), Node("link", os.fsdecode(target)))

    def removing(name: str) -> Callable[..., None]:
        def remove(path: Any, *, dir_fd: int | None = None) -> None:
            ours = disk.path(path, dir_fd)
            real[name](path, dir_fd=dir_fd)
            disk.names(ours)

        return remove

    def opening(path: Any, mode: str = "r", buffering: int = -1, *rest: Any, **named: Any) -> Any:
        ours = disk.path(path)  # by number only what `os.open` gave, for which there is no need yet
        if ours is None or not set(mode) & set("wax+") or isinstance(path, int):
            return real_open(path, mode, buffering, *rest, **named)
        raw = _File(disk, ours, mode.replace("b", "").replace("t", ""))
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, *rest, **named)

    fakes = {"open": os_open, "close": os_close, "write": os_write, "fsync": os_fsync, "ftruncate": os_ftruncate}
    fakes |= {"replace": os_replace, "rename": os_replace, "mkdir": os_mkdir, "symlink": os_symlink}
    fakes |= {"unlink": removing("unlink"), "remove": removing("unlink"), "rmdir": removing("rmdir")}
    with ExitStack() as stack:
        for name, fake in fakes.items():
            stack.enter_context(mock.patch.object(os, name, fake))
        for module in (io, builtins):
            stack.enter_context(mock.patch.object(module, "open", opening))
        yield disk
