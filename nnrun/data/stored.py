"""Arrays in files of plain numbers, as rows that are read when they are asked for."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

from nnrun.data.headers import idx_header, open_binary
from nnrun.data.rows import ArrayRows, FileRows, Rows
from nnrun.errors import DataError

AGAIN = "copy or download it again"


def npy_rows(path: Path) -> Rows:
    """The array of a .npy file; one that is stored column by column is read, since its rows lie scattered."""
    import numpy as np
    from numpy.lib import format as npy

    try:
        with path.open("rb") as stream:
            version = npy.read_magic(stream)
            if version in ((1, 0), (2, 0)):
                read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
                shape, by_columns, dtype = read(stream)
                offset = stream.tell()
            else:  # names of fields in Unicode: no numbers
                shape, by_columns, dtype, offset = (), True, np.dtype(object), 0
        if by_columns or dtype.hasobject:
            return ArrayRows(np.load(path, allow_pickle=False))
    except (ValueError, OSError, EOFError) as error:
        raise DataError(f"{path} cannot be read: {error}", hint=AGAIN) from None
    held = (path.stat().st_size - offset) // max(1, dtype.itemsize)
    if held < math.prod(shape):
        raise _unlike(path, math.prod(shape), held)
    return FileRows(path, offset, shape, dtype)


def idx_rows(path: Path) -> Rows:
    """The array of a file in MNIST's idx format; one that is packed with gzip is read from its beginning."""
    import numpy as np

    try:
        with open_binary(path) as stream:
            shape, kind = idx_header(stream, str(path))
            stored, count, offset = np.dtype(kind), math.prod(shape), stream.tell()
            if not isinstance(stream, gzip.GzipFile):
                held = (path.stat().st_size - offset) // stored.itemsize
                if held != count:
                    raise _unlike(path, count, held)
                return FileRows(path, offset, shape, stored)
            values = np.frombuffer(stream.read(), dtype=stored)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}", hint=AGAIN) from None
    if len(values) != count:
        raise _unlike(path, count, len(values))
    return ArrayRows(values.reshape(shape).astype(stored.newbyteorder("=")))


def one_channel(rows: Rows) -> Rows:
    """Grey pictures (rows, height, width) with the axis of channels behind."""
    if isinstance(rows, FileRows):
        return FileRows(rows.path, rows.offset, (*rows.shape, 1), rows.stored)
    return ArrayRows(rows.read()[..., None])


def _unlike(path: Path, promised: int, held: int) -> DataError:
    return DataError(f"{path}: the header promises {promised:,} values, the file holds {held:,}", hint=AGAIN)
