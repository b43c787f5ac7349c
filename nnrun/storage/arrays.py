"""Named arrays in one file, which `numpy.load` reads too: no pickle, and equal arrays give equal bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

SUFFIX = ".npy"
SMALL = 1 << 20  # bytes; so little is put together in memory, and goes to the disk in one write


def write(path: Path, arrays: Mapping[str, np.ndarray[Any, Any]], *, compressed: bool) -> None:
    """`arrays` into the new file `path`, a piece at a time. ValueError for Python objects: reading them runs code.

    It is not made durable: `atomic.write_npz` and `snapshots.write` see to that.
    """
    with path.open("xb") as file:
        if sum(array.nbytes for array in arrays.values()) > SMALL:
            _fill(file, arrays, compressed)
            return
        memory = io.BytesIO()
        _fill(memory, arrays, compressed)
        file.write(memory.getvalue())


def read(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """What `write` wrote, in its order, each array with its type."""
    from numpy.lib import format as npy

    arrays: dict[str, np.ndarray[Any, Any]] = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            with archive.open(member) as stream:
                array = npy.read_array(stream, allow_pickle=False)
            if member.comment:
                import ml_dtypes  # noqa: F401  numpy knows these types by name once it is imported

                array = array.view(member.comment.decode())
            arrays[member.filename.removesuffix(SUFFIX)] = array
    return arrays


def _fill(file: IO[bytes], arrays: Mapping[str, np.ndarray[Any, Any]], compressed: bool) -> None:
    import numpy as np
    from numpy.lib import format as npy

    method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    # numpy.savez takes the names as keyword arguments, so an array called `file` could not be saved with it.
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(name + SUFFIX)  # its date is always the same
            member.compress_type = method
            if array.dtype.kind == "V" and array.dtype.type is not np.void:
                member.comment = array.dtype.name.encode()  # bfloat16 and its kin: .npy knows only how wide they are
            with archive.open(member, "w", force_zip64=True) as stream:
                npy.write_array(stream, array, allow_pickle=False)
