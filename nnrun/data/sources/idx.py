"""Pictures and labels in MNIST's own format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nnrun.data.dataset import Dataset, Peek
from nnrun.data.headers import idx_header, open_binary
from nnrun.data.rows import ArrayRows, Rows, in_memory
from nnrun.data.stored import idx_rows, one_channel
from nnrun.errors import DataError, SettingError, listing


def idx(images: Path, labels: Path, classes: list[int] | None = None, first: int | None = None) -> Dataset:
    """Grey pictures as `image` (height, width, 1), scaled to 0..1, and their classes as `label`.

    Args:
        images: The file of pictures, such as train-images-idx3-ubyte.gz.
        labels: The file of class numbers, such as train-labels-idx1-ubyte.gz.
        classes: The numbers of the classes that are read; all where it is not written.
        first: How many pictures are read of those, the first in the file; all where it is not written.
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
    if classes is not None or first is not None:
        pictures, numbers = _chosen(pictures, numbers, classes, first)
    return Dataset(
        size=len(pictures),
        arrays={"image": one_channel(pictures)},
        targets={"label": numbers},
        scale={"image": 1 / 255},
        files=(images, labels),
        description=f"pictures {images.name}",
        target="label",
    )


def _chosen(pictures: Rows, numbers: Any, classes: list[int] | None, first: int | None) -> tuple[Rows, Any]:
    """The first pictures of some classes."""
    import numpy as np

    known = np.unique(numbers).tolist()
    strangers = sorted(set(classes or ()) - set(known))
    if strangers:
        what = f"no picture is of the class {strangers[0]}"
        raise SettingError(what, expected=f"classes among {listing([str(number) for number in known])}")
    rows = np.flatnonzero(np.isin(numbers, known if classes is None else classes))
    if first is not None and not 0 < first <= len(rows):
        raise SettingError(f"first is {first}, and there are {len(rows)} pictures", expected=f"1 to {len(rows)}")
    rows = rows[:first]
    return ArrayRows(in_memory(pictures)[rows]), numbers[rows]


def peek(images: Path | None, labels: Path | None, classes: list[int] | None = None, first: int | None = None) -> Peek:
    """The shape of a picture, from the header."""
    size: tuple[int | None, ...] = (None, None, None)
    for path in (labels, images):
        if path is not None:
            with open_binary(path) as stream:
                size = idx_header(stream, str(path))[0]
    if images is None or len(size) != 3:
        size = (None, None, None)
    rows = first if first is not None or classes is not None else size[0]
    count = None if classes is None else len(set(classes))
    return Peek(arrays={"image": (size[1], size[2], 1)}, target="label", rows=rows, num_classes=count)
