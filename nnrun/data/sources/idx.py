"""Pictures and labels in MNIST's own format."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.data.dataset import Dataset, Peek
from nnrun.data.headers import idx_header, open_binary
from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np


def idx(images: Path, labels: Path) -> Dataset:
    """Grey pictures as `image` (height, width, 1), scaled to 0..1, and their classes as `label`.

    Args:
        images: The file of pictures, such as train-images-idx3-ubyte.gz.
        labels: The file of class numbers, such as train-labels-idx1-ubyte.gz.
    """
    pictures, numbers = read_array(images), read_array(labels)
    if pictures.ndim != 3 or numbers.ndim != 1:
        raise DataError(
            f"{images} has {pictures.ndim} axes and {labels} has {numbers.ndim}",
            expected="3 axes in the file of images, 1 in the file of labels",
            hint="are the two files swapped?" if pictures.ndim == 1 else "",
        )
    if len(pictures) != len(numbers):
        raise DataError(
            f"{images} holds {len(pictures)} pictures and {labels} {len(numbers)} labels",
            expected="a label for every picture, from the same part of the data",
        )
    return Dataset(
        size=len(pictures),
        arrays={"image": pictures[..., None]},
        targets={"label": numbers},
        scale={"image": 1 / 255},
        files=(images, labels),
        description=f"pictures {images.name}",
        target="label",
    )


def peek(images: Path | None, labels: Path | None) -> Peek:
    """The shape of a picture, from the header."""
    size: tuple[int | None, ...] = (None, None, None)
    for path in (labels, images):
        if path is not None:
            with open_binary(path) as stream:
                size = idx_header(stream, str(path))[0]
    if images is None or len(size) != 3:
        size = (None, None, None)
    return Peek(arrays={"image": (size[1], size[2], 1)}, target="label", rows=size[0])


def read_array(path: Path) -> np.ndarray[Any, Any]:
    """One array in the idx format, packed with gzip or not."""
    import numpy as np

    try:
        with open_binary(path) as stream:
            shape, dtype = idx_header(stream, str(path))
            values = np.frombuffer(stream.read(), dtype=np.dtype(dtype))
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}", hint="copy or download it again") from None
    count = int(np.prod(shape))
    if len(values) != count:
        raise DataError(
            f"{path}: the header promises {count:,} values, the file holds {len(values):,}",
            hint="copy or download it again",
        )
    return values.reshape(shape).astype(values.dtype.newbyteorder("="))
