"""Pictures and labels in MNIST's own format."""

from __future__ import annotations

from pathlib import Path

from nnrun.data.dataset import Dataset, Peek
from nnrun.data.headers import idx_header, open_binary
from nnrun.data.rows import in_memory
from nnrun.data.stored import idx_rows, one_channel
from nnrun.errors import DataError


def idx(images: Path, labels: Path) -> Dataset:
    """Grey pictures as `image` (height, width, 1), scaled to 0..1, and their classes as `label`.

    Args:
        images: The file of pictures, such as train-images-idx3-ubyte.gz.
        labels: The file of class numbers, such as train-labels-idx1-ubyte.gz.
    """
    pictures, numbers = idx_rows(images), in_memory(idx_rows(labels))
    axes = len(pictures.shape)
    if axes != 3 or numbers.ndim != 1:
        raise DataError(
            f"{images} has {axes} axes and {labels} has {numbers.ndim}",
            expected="3 axes in the file of images, 1 in the file of labels",
            hint="are the two files swapped?" if axes == 1 else "",
        )
    if len(pictures) != len(numbers):
        raise DataError(
            f"{images} holds {len(pictures)} pictures and {labels} {len(numbers)} labels",
            expected="a label for every picture, from the same part of the data",
        )
    return Dataset(
        size=len(pictures),
        arrays={"image": one_channel(pictures)},
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
