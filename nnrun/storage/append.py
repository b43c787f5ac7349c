"""Files that grow a row at a time and survive a kill: `history.csv`, `steps.csv`."""

from __future__ import annotations

import csv
import errno
import io
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from nnrun.errors import StorageError
from nnrun.storage.trouble import writing

SECONDS_BETWEEN_SYNCS = 1.0


class Appender:
    """A CSV file with fixed columns to which rows are added, each in one write.

    A kill loses no row, a power cut at most the last second's. Opening a file that exists goes on after its
    last whole row: a torn one is cut off. Its columns must be the same, else StorageError.

        with Appender(run / "history.csv", ["epoch", "loss"]) as history:
            history.row({"epoch": 1, "loss": 0.5})
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path = path
        self.columns = tuple(columns)
        self._synced = 0.0
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
        except BaseException:
            os.close(self._descriptor)
            raise

    def row(self, values: Mapping[str, object]) -> None:
        """Adds one row; a missing value stays blank. Raises ValueError for a value without a column."""
        unknown = [name for name in values if name not in self.columns]
        if unknown:
            raise ValueError(f"{self.path.name} has no column {unknown[0]!r}, only {', '.join(self.columns)}")
        self._write(_line([values.get(name, "") for name in self.columns]))

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
        """Cuts what follows the last line end; gives the first line, empty in an empty file."""
        with writing(self.path):
            content = self.path.read_bytes()
            whole = content.rfind(b"\n") + 1
            if whole < len(content):
                os.ftruncate(self._descriptor, whole)
        return content[:whole].partition(b"\n")[0] + b"\n" if whole else b""

    def _write(self, line: bytes) -> None:
        with writing(self.path):
            size = os.fstat(self._descriptor).st_size
            if os.write(self._descriptor, line) < len(line):  # the disk filled up in the middle of the row
                os.ftruncate(self._descriptor, size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            # An epoch may take four milliseconds, an fsync as long: one a second is enough.
            if time.monotonic() - self._synced >= SECONDS_BETWEEN_SYNCS:
                os.fsync(self._descriptor)
                self._synced = time.monotonic()


def append_line(path: Path, text: str) -> None:
    """Adds one line to a text file (`train.log`) in one write, creating it if need be."""
    with writing(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            os.write(descriptor, (text.rstrip("\n") + "\n").encode("utf-8"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _line(values: Sequence[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue().encode("utf-8")
