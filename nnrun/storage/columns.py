"""Columns that grow in files of a temporary folder, for tables that memory does not hold."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.errors import StorageError
from nnrun.storage.trouble import writing

if TYPE_CHECKING:
    import numpy as np


class ColumnFiles:
    """A file of plain numbers for each column; they are gone when nobody holds this any more, or the process ends."""

    def __init__(self) -> None:
        try:
            self.folder = Path(tempfile.mkdtemp(prefix="nnrun-columns-"))
        except OSError as error:
            hint = "set TMPDIR to a folder that can be written, with room in it"
            raise StorageError(f"cannot make a temporary folder: {error.strerror or error}", hint=hint) from error
        self._end = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, column: int) -> Path:
        """The file of a column, by its number."""
        return self.folder / f"{column}.bin"

    def append(self, column: int, values: np.ndarray[Any, Any]) -> None:
        """Puts values behind those that are there."""
        with writing(self.path(column)), self.path(column).open("ab") as stream:
            values.tofile(stream)

    def replace(self, column: int, values: np.ndarray[Any, Any]) -> None:
        """Puts values in the place of those that are there."""
        self.path(column).unlink(missing_ok=True)
        self.append(column, values)
