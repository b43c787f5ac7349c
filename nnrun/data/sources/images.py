"""A folder of pictures, one folder for each class."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from nnrun.data.dataset import Dataset, Peek
from nnrun.data.headers import png_size
from nnrun.data.pictures import CHANNELS, FORMATS, Pictures, refuse
from nnrun.errors import DataError, SettingError


def images(
    path: Path, *, image_size: list[int] | None = None, color_mode: Literal["rgb", "grayscale"] = "rgb"
) -> Dataset:
    """Pictures as `image` (height, width, channels), scaled to 0..1, with their folder's name as `label`.

    Args:
        path: A folder that holds a folder for each class; names that begin with a dot are passed over.
        image_size: Height and width to resize to; without it all pictures must have one size.
        color_mode: rgb (3 channels) or grayscale (1 channel).
    """
    import numpy as np

    _check_settings(image_size, color_mode)
    folders = _class_files(path)
    files = [file for found in folders.values() for file in found]
    labels = np.repeat(np.arange(len(folders)), [len(found) for found in folders.values()])
    return Dataset(
        size=len(files),
        arrays={"image": Pictures(path, files, image_size, color_mode)},
        targets={"label": labels},
        classes={"label": tuple(folders)},
        scale={"image": 1 / 255},
        files=tuple(files),
        description=f"pictures {path.name}",
        target="label",
    )


def peek(
    path: Path | None, *, image_size: list[int] | None = None, color_mode: Literal["rgb", "grayscale"] = "rgb"
) -> Peek:
    """Classes, number and size of the pictures, from the names of the files and the header of the first."""
    _check_settings(image_size, color_mode)
    size: Sequence[int | None] = image_size or (None, None)
    if path is None:
        return Peek(arrays={"image": (*size, CHANNELS[color_mode])}, target="label")
    folders = _class_files(path)
    files = [file for found in folders.values() for file in found]
    size = image_size or png_size(files[0]) or (None, None)
    return Peek(
        arrays={"image": (*size, CHANNELS[color_mode])},
        target="label",
        num_classes=len(folders),
        rows=len(files),
    )


def _check_settings(image_size: list[int] | None, color_mode: str) -> None:
    if image_size is not None and not (
        len(image_size) == 2 and all(isinstance(side, int) and side > 0 for side in image_size)
    ):
        raise SettingError(f"image_size {image_size} is not a size", expected="[height, width] in pixels")
    if color_mode not in CHANNELS:
        raise SettingError(f"color_mode {color_mode!r} is not known", expected="rgb or grayscale")


def _class_files(path: Path) -> dict[str, list[Path]]:
    """The pictures of every class, all in sorted order, and nothing else beside them."""
    if not path.is_dir():
        raise DataError(f"{path} is not a folder", expected="a folder that holds a folder for each class")
    folders: dict[str, list[Path]] = {}
    strange: list[tuple[Path, str]] = []
    inside = path.resolve()
    for folder in _entries(path):
        if not folder.is_dir():
            strange.append((folder, "stands beside the folders of the classes"))
            continue
        found = _entries(folder)
        linked = folder.is_symlink()
        for entry in found:
            if (linked or entry.is_symlink()) and not entry.resolve().is_relative_to(inside):
                strange.append((entry, f"is a link that leads outside, to {entry.resolve()}"))
            elif entry.suffix.lower() not in FORMATS:
                strange.append((entry, f"is not a picture that is read ({' '.join(FORMATS)})"))
        if not found:
            strange.append((folder, "holds no pictures"))
        folders[folder.name] = found
    refuse(path, strange)
    if not folders:
        raise DataError(f"{path} holds no folders", expected="a folder for each class, with its pictures")
    return folders


def _entries(folder: Path) -> list[Path]:
    """What a folder shows, in the order of the names."""
    return [folder / name for name in sorted(os.listdir(folder)) if not name.startswith(".")]
