"""A folder of pictures, one folder for each class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from nnrun.data.bad import OnBad
from nnrun.data.dataset import Dataset, Peek
from nnrun.data.folders import Folder, by_class, left_out, together
from nnrun.data.headers import png_size
from nnrun.data.part_files import PARTS, parts_of
from nnrun.data.picture_files import FORMATS, faults
from nnrun.data.pictures import CHANNELS, MODES, Pictures, check_settings
from nnrun.errors import SettingError


def images(
    path: Path,
    *,
    image_size: list[int] | None = None,
    color_mode: Literal["rgb", "grayscale"] = "rgb",
    labels: Literal["folder", "stem", "none"] = "folder",
    class_names: list[str] | None = None,
    split_file: Path | None = None,
    limit: int | None = None,
    on_bad: OnBad = "fail",
) -> Dataset:
    """Pictures as `image` (height, width, channels), scaled to 0..1, with their folder's name as `label`.

    A picture is turned upright as its camera was held; of an animation the first picture is taken. With `on_bad: skip`
    or `report` under `data`, every picture is decoded once before the training, and what cannot be used is left out.

    Args:
        path: A folder that holds a folder for each class, or an archive of such; names that begin with a dot are passed
            over.
        image_size: Height and width to resize to; without it all pictures must have one size.
        color_mode: rgb (3 channels) or grayscale (1 channel).
        labels: folder: a folder for each class; stem: the file's name without its ending is the label, as a text; none:
            pictures without a target.
        class_names: The names of the folders in the order of the class numbers; without it the order of the names.
        split_file: A JSON file that says which pictures train, validate and test: a list of names for each part.
        limit: At most so many pictures, evenly over all of them.
    """
    import numpy as np

    _check(image_size, color_mode, labels, class_names, limit)
    folder = _folder(path, labels, class_names)
    if on_bad != "fail":
        folder = folder.without([(file, str(why)) for file, why in faults(folder.files, MODES[color_mode])])
    bad = left_out(folder, on_bad, "picture")
    folder = folder.limited(limit)
    targets: dict[str, Any] = {}
    if labels == "folder":
        targets["label"] = np.array(folder.numbers)
    elif labels == "stem":
        targets["label"] = np.array([file.stem for file in folder.files], dtype=object)
    return Dataset(
        size=len(folder.files),
        arrays={"image": Pictures(path, folder.files, image_size, color_mode)},
        targets=targets,
        classes={"label": folder.classes} if labels == "folder" else {},
        scale={"image": 1 / 255},
        parts=parts_of(split_file, folder.files, folder.others),
        files=tuple(folder.files),
        description=f"pictures {path.name}",
        target="label" if targets else None,
        bad=bad,
    )


def peek(
    path: Path | None,
    *,
    image_size: list[int] | None = None,
    color_mode: Literal["rgb", "grayscale"] = "rgb",
    labels: Literal["folder", "stem", "none"] = "folder",
    class_names: list[str] | None = None,
    split_file: Path | None = None,
    limit: int | None = None,
    on_bad: OnBad = "fail",
) -> Peek:
    """Classes, number and size of the pictures, from the names of the files and the header of the first."""
    _check(image_size, color_mode, labels, class_names, limit)
    size: Sequence[int | None] = image_size or (None, None)
    target = None if labels == "none" else "label"
    if path is None:
        num_classes = len(class_names) if class_names else None
        return Peek(arrays={"image": (*size, CHANNELS[color_mode])}, target=target, num_classes=num_classes)
    folder = _folder(path, labels, class_names)
    left_out(folder, on_bad, "picture")
    if image_size is None:
        size = png_size(folder.files[0]) or (None, None)
    return Peek(
        arrays={"image": (*size, CHANNELS[color_mode])},
        target=target,
        num_classes=len(folder.classes) or None,
        parts=PARTS if split_file is not None else (),
        rows=min(len(folder.files), limit or len(folder.files)),
    )


def _folder(path: Path, labels: str, class_names: list[str] | None) -> Folder:
    if labels == "folder":
        return by_class(path, FORMATS, "picture", class_names)
    return together(path, FORMATS, "picture")


def _check(
    image_size: list[int] | None, color_mode: str, labels: str, class_names: list[str] | None, limit: int | None
) -> None:
    check_settings(image_size, color_mode, limit)
    if class_names is not None and labels != "folder":
        raise SettingError(f"class_names are of folders, and labels is {labels}", hint="leave one of them out")
