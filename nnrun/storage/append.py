"""Files that grow a row at a time and survive a kill: `history.csv`, `steps.csv`."""

from __future__ import annotations

import csv
import errno
import io
import math
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from nnrun.errors import StorageError
from nnrun.storage.atomic import sync_folder, write_bytes
from nnrun.storage.trouble import writing

SECONDS_BETWEEN_SYNCS = 1.0


class Appender:
    """A CSV file with fixed columns to which rows are added, each in one write.

    A kill loses no row, a power cut at most those that one second added. Opening a file that exists goes on after
    its last whole row: a torn one is cut off. Its columns must be the same, else StorageError.

        with Appender(run / "history.csv", ["epoch", "loss"]) as history:
            history.row({"epoch": 1, "loss": 0.5})
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path = path
        self.columns = tuple(columns)
        self._synced = -math.inf
        header = _line(self.columns)
        with writing(path):
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            first = self._cut_torn_row()
            if not first:
                self._write(header)
            elif first != header:
                raise StorageError(
                    f"{path} has other columns: {first.decode('utf-8', 'replace').strip()}",
                    expected=header.decode("utf-8").strip(),
                    hint="go on in a new run, or with the config that began this file",
                )
            with writing(path):
                sync_folder(path.parent)  # rows are durable only where the name of their file is
        except BaseException:
            os.close(self._descriptor)
            raise

    def row(self, values: Mapping[str, object]) -> None:
        """Adds one row; a missing value stays blank. Raises ValueError for a value without a column."""
        unknown = [name for name in values if name not in self.columns]
        if unknown:
            raise ValueError(f"{self.path.name} has no column {unknown[0]!r}, only {', '.join(self.columns)}")
        self._write(_line([values.get(name, "") for name in self.columns]))

    def sync(self) -> None:
        """Makes every row durable now, not within a second."""
        with writing(self.path):
            os.fsync(self._descriptor)
        self._synced = time.monotonic()

    def close(self) -> None:
        """Makes every row durable and lets go of the file; a second call does nothing."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            with writing(self.path):
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)

    def __enter__(self) -> Appender:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _cut_torn_row(self) -> bytes:
        """Cuts what follows the last whole row; gives the first line, empty in an empty file."""
        with writing(self.path):
            content = self.path.read_bytes()
            whole = _whole(content)
            if len(whole) < len(content):
                os.ftruncate(self._descriptor, len(whole))
                os.fsync(self._descriptor)
        return whole.partition(b"\n")[0] + b"\n" if whole else b""

    def _write(self, line: bytes) -> None:
        with writing(self.path):
            _append(self._descriptor, line)
        # An epoch may take four milliseconds, an fsync as long: one a second is enough.
        if time.monotonic() - self._synced >= SECONDS_BETWEEN_SYNCS:
            self.sync()


def append_line(path: Path, text: str) -> None:
    """Adds one line to a text file (`train.log`) in one write, creating it if need be."""
    with writing(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            new = os.fstat(descriptor).st_size == 0
            _append(descriptor, (text.rstrip("\n") + "\n").encode("utf-8"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if new:
            sync_folder(path.parent)


def cut(path: Path, column: str, last: int, every: int = 1) -> None:
    """Keeps the header of a closed file and its whole rows whose number in `column` is at most `last`.

    For a run that goes on from an earlier point. A file that is not there stays so. Of the rows only those are kept
    whose number is a multiple of `every`.
    """
    with writing(path):
        content = path.read_bytes() if path.exists() else b""
    header, *rows = _whole(content).splitlines(keepends=True) or [b""]
    names = _cells(header)
    if rows and column not in names:
        raise StorageError(f"{path} has no column {column}", expected="the file as this run wrote it")
    numbered = ((row, _number(names, row, column)) for row in rows)
    kept = header + b"".join(row for row, number in numbered if number <= last and number % every == 0)
    if kept != content:
        write_bytes(path, kept)


def widen(path: Path, columns: Sequence[str]) -> None:
    """Gives a closed file more columns, behind its own; its rows are blank there."""
    with writing(path):
        content = _whole(path.read_bytes())
    header, *rows = content.splitlines(keepends=True)
    own = _cells(header)
    blanks = [""] * len([name for name in columns if name not in own])
    lines = [_line([*own, *(name for name in columns if name not in own)])]
    write_bytes(path, b"".join([*lines, *(_line([*_cells(row), *blanks]) for row in rows)]))


def _append(descriptor: int, line: bytes) -> None:
    """The whole line in one write, or nothing of it."""
    size = os.fstat(descriptor).st_size
    if os.write(descriptor, line) < len(line):  # the disk filled up in the middle of it
        os.ftruncate(descriptor, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _whole(content: bytes) -> bytes:
    """The rows before the first that is torn: a kill leaves it without its end, a power cut with zeros in its place."""
    return content[: content.partition(b"\0")[0].rfind(b"\n") + 1]


def _line(values: Sequence[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue().encode("utf-8")


def _number(names: list[str], row: bytes, column: str) -> float:
    """The number in `column`; infinity in a row that is damaged, and so belongs to no point."""
    try:
        return int(dict(zip(names, _cells(row), strict=True))[column])
    except ValueError:
        return math.inf


def _cells(line: bytes) -> list[str]:
    return next(csv.reader([line.decode("utf-8", "replace")]), [])
