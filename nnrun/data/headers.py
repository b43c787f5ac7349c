"""What the first bytes of a data file tell, read with the standard library alone."""

from __future__ import annotations

import ast
import gzip
import struct
from pathlib import Path
from typing import IO, cast

from nnrun.errors import DataError

IDX_TYPES = {0x08: "uint8", 0x09: "int8", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def open_binary(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked where they begin like gzip, whatever the file is called."""
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(path, "rb")) if packed else path.open("rb")


def npy_header(stream: IO[bytes], name: str) -> tuple[tuple[int, ...], str]:
    """Shape and dtype text of an array in NumPy's format; arrays of objects are refused, they are pickles."""
    start = stream.read(8)
    if start[:6] != b"\x93NUMPY" or len(start) < 8:
        raise DataError(f"{name} is not an array in NumPy's format", expected="what numpy.save writes")
    width, form = (2, "<H") if start[6] == 1 else (4, "<I")
    try:
        length = struct.unpack(form, stream.read(width))[0]
        header = ast.literal_eval(stream.read(length).decode("latin1").strip())
        shape, dtype = tuple(int(size) for size in header["shape"]), header["descr"]
    except (struct.error, ValueError, SyntaxError, KeyError, TypeError):
        raise DataError(f"{name}: the header of the array is damaged", hint="write the file again") from None
    if "O" in str(dtype):
        raise DataError(
            f"{name} holds Python objects, which only pickle can read, and a pickle can run any code",
            expected="an array of numbers or of text",
            hint="save it again with a plain dtype, such as `array.astype('float32')`",
        )
    return shape, str(dtype)


def idx_header(stream: IO[bytes], name: str) -> tuple[tuple[int, ...], str]:
    """Shape and dtype of an array in MNIST's idx format; the stream stands at the first value after it."""
    start = stream.read(4)
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in IDX_TYPES:
        raise DataError(f"{name} is not in the idx format", expected="MNIST's format, packed with gzip or not")
    sizes = stream.read(4 * start[3])
    if len(sizes) < 4 * start[3]:
        raise DataError(f"{name}: the file ends inside its header", hint="copy or download it again")
    return struct.unpack(f">{start[3]}I", sizes), IDX_TYPES[start[2]]


def png_size(path: Path) -> tuple[int, int] | None:
    """Height and width of a PNG from its first bytes; None for every other format."""
    with path.open("rb") as stream:
        start = stream.read(24)
    if len(start) < 24 or start[:8] != b"\x89PNG\r\n\x1a\n":
        return None
    width, height = struct.unpack(">II", start[16:24])
    return height, width
