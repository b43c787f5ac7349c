"""A folder for what nobody keeps."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nnrun.errors import StorageError


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder where the system keeps such, gone when the block ends, however it ends."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="nnrun-", ignore_cleanup_errors=True)
    except OSError as error:
        hint = "set TMPDIR to a folder that can be written, with room in it"
        raise StorageError(f"cannot make a temporary folder: {error.strerror or error}", hint=hint) from error
    with folder as path:
        yield Path(path)
