"""Pictures and masks in two folders, for segmentation."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from nnrun.data.bad import OnBad
from nnrun.data.dataset import Dataset, Peek
from nnrun.data.folders import Folder, left_out, together
from nnrun.data.headers import png_size
from nnrun.data.masks import MOST_CLASSES, pairs, read_masks
from nnrun.data.part_files import PARTS, parts_of
from nnrun.data.picture_files import FORMATS, faults
from nnrun.data.pictures import CHANNELS, MODES, Pictures, check_settings
from nnrun.errors import SettingError


def image_masks(
    images: Path,
    masks: Path,
    *,
    image_size: list[int] | None = None,
    color_mode: Literal["rgb", "grayscale"] = "rgb",
    values: list[int] | None = None,
    class_names: list[str] | None = None,
    split_file: Path | None = None,
    limit: int | None = None,
    on_bad: OnBad = "fail",
) -> Dataset:
    """Pictures as `image` (height, width, channels), 0..1, and as `mask` (height, width, 1) a class for every pixel.

    A picture and its mask have the same name but for the ending. Masks are resized to the nearest pixel. A mask in a
    palette is the numbers of its colours.

    Args:
        images: The folder of the pictures.
        masks: The folder of the masks.
        image_size: Height and width to resize to; without it all pictures must have one size.
        color_mode: rgb (3 channels) or grayscale (1 channel).
        values: The values in the masks in the order of their class numbers, such as [0, 255]; without it they are found
            in the masks of the training part.
        class_names: What to call the classes of `values`.
        split_file: A JSON file that says which pictures train, validate and test: a list of names for each part.
        limit: At most so many pictures, evenly over all of them.
    """
    import numpy as np

    _check(image_size, color_mode, values, class_names, limit)
    found, mask_of = _pairs(images, masks)
    if on_bad != "fail":
        found = found.without([(file, str(why)) for file, why in faults(found.files, MODES[color_mode])])
    left_out(found, on_bad, "picture")
    found = found.limited(limit)
    size = Pictures(found.path, found.files, image_size, color_mode).shape[1:3]
    own = [mask_of[file] for file in found.files]
    mask, unread = read_masks(own, size, resize=image_size is not None, values=values)
    if unread:
        found = found.without([(found.files[row], f"has a mask that {why}") for row, why in unread.items()])
        mask = np.delete(mask, list(unread), axis=0)
    bad = left_out(found, on_bad, "picture")
    return Dataset(
        size=len(found.files),
        arrays={"image": Pictures(found.path, found.files, image_size, color_mode)},
        targets={"mask": mask},
        classes={"mask": tuple(str(name) for name in class_names or values)} if values else {},
        scale={"image": 1 / 255},
        parts=parts_of(split_file, found.files, found.others),
        files=tuple(path for file in found.files for path in (file, mask_of[file])),
        description=f"pictures {images.name} with masks {masks.name}",
        target="mask",
        bad=bad,
    )


def peek(
    images: Path | None,
    masks: Path | None,
    *,
    image_size: list[int] | None = None,
    color_mode: Literal["rgb", "grayscale"] = "rgb",
    values: list[int] | None = None,
    class_names: list[str] | None = None,
    split_file: Path | None = None,
    limit: int | None = None,
    on_bad: OnBad = "fail",
) -> Peek:
    """Number and size of the pictures, from the names of the files and the header of the first."""
    _check(image_size, color_mode, values, class_names, limit)
    size: Sequence[int | None] = image_size or (None, None)
    rows = None
    if images is not None and masks is not None:
        found, _ = _pairs(images, masks)
        left_out(found, on_bad, "picture")
        size = image_size or png_size(found.files[0]) or (None, None)
        rows = len(found.limited(limit).files)
    return Peek(
        arrays={"image": (*size, CHANNELS[color_mode])},
        targets={"mask": (*size, 1)},
        target="mask",
        num_classes=len(values) if values else None,
        rows=rows,
        parts=PARTS if split_file is not None else (),
    )


def _pairs(images: Path, masks: Path) -> tuple[Folder, Mapping[Path, Path]]:
    """The pictures that have a mask, and the mask of each."""
    first, second = together(images, FORMATS, "picture"), together(masks, FORMATS, "mask")
    mask_of, strange = pairs(first.files, second.files)
    shared = Path(os.path.commonpath([images, masks]))
    return Folder(shared, list(mask_of), strange=[*first.strange, *second.strange, *strange]), mask_of


def _check(
    image_size: list[int] | None,
    color_mode: str,
    values: list[int] | None,
    class_names: list[str] | None,
    limit: int | None,
) -> None:
    check_settings(image_size, color_mode, limit)
    if values is not None and (len(set(values)) < len(values) or not 2 <= len(values) <= MOST_CLASSES):
        raise SettingError(f"values {values} are no classes", expected=f"2 to {MOST_CLASSES} whole numbers, each once")
    if class_names is not None and len(class_names) != len(values or ()):
        what = f"class_names has {len(class_names)} names, and values {len(values or ())} numbers"
        raise SettingError(what, expected="a name for each of values")
