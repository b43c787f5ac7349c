"""What the operating system says when it cannot write, in words that a person can act on."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nnrun.errors import StorageError

_HINTS = {
    errno.ENOSPC: "free some space, or write elsewhere with --runs",
    errno.EDQUOT: "your quota is used up: free some space, or write elsewhere with --runs",
    errno.EACCES: "write elsewhere with --runs, or ask for the right to write here",
    errno.EPERM: "write elsewhere with --runs, or ask for the right to write here",
    errno.EROFS: "this disk is read-only: write elsewhere with --runs",
    errno.ENAMETOOLONG: "choose a shorter name with --name",
}

_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns an OSError of the block into a StorageError that names `path`, with the bytes free on a full disk."""
    try:
        yield
    except OSError as error:
        free = bytes_free(path) if error.errno in _FULL else None
        room = "" if free is None else f" ({free:,} bytes free)"
        raise StorageError(
            f"cannot write {path}: {error.strerror or error}{room}",
            hint=_HINTS.get(error.errno or 0, ""),
        ) from error


def bytes_free(path: Path) -> int | None:
    """Bytes free on the disk of `path` or of its nearest folder that exists; None where it cannot be told."""
    for folder in (path, *path.absolute().parents):
        try:
            return shutil.disk_usage(folder).free
        except OSError:
            continue
    return None
