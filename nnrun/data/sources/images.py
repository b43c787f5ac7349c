"""A folder of pictures, one folder for each class."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nnrun.data.dataset import Dataset, Peek
from nnrun.data.headers import png_size
from nnrun.errors import DataError, SettingError

if TYPE_CHECKING:
    import numpy as np

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".bmp": "BMP", ".gif": "GIF", ".webp": "WEBP"}
CHANNELS = {"rgb": 3, "grayscale": 1}
MOST_PIXELS = 64_000_000  # a header can promise more than memory holds: refused before decoding


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
    sizes = _sizes(path, files)
    if image_size is None:
        odd = next((file for file in files if sizes[file] != sizes[files[0]]), None)
        if odd is not None:
            first, other = sizes[files[0]], sizes[odd]
            raise DataError(
                f"{files[0].relative_to(path)} is {first[0]}x{first[1]} and "
                f"{odd.relative_to(path)} is {other[0]}x{other[1]} (height x width)",
                expected="pictures of one size",
                hint="write `image_size: [height, width]`, then every picture is resized",
            )
    height, width = image_size or sizes[files[0]]
    pictures = np.empty((len(files), height, width, CHANNELS[color_mode]), dtype=np.uint8)
    with ThreadPoolExecutor() as threads:
        told = threads.map(lambda pair: _decode(pair[1], pictures[pair[0]], color_mode), enumerate(files))
        _refuse(path, [(file, why) for file, why in zip(files, told, strict=True) if why])
    labels = np.repeat(np.arange(len(folders)), [len(found) for found in folders.values()])
    return Dataset(
        size=len(files),
        arrays={"image": pictures},
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
    for folder in sorted(entry for entry in path.iterdir() if not entry.name.startswith(".")):
        if not folder.is_dir():
            strange.append((folder, "stands beside the folders of the classes"))
            continue
        found = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
        for entry in found:
            if not entry.resolve().is_relative_to(path.resolve()):
                strange.append((entry, f"is a link that leads outside, to {entry.resolve()}"))
            elif entry.suffix.lower() not in FORMATS:
                strange.append((entry, f"is not a picture that is read ({' '.join(FORMATS)})"))
        if not found:
            strange.append((folder, "holds no pictures"))
        folders[folder.name] = found
    _refuse(path, strange)
    if not folders:
        raise DataError(f"{path} holds no folders", expected="a folder for each class, with its pictures")
    return folders


def _sizes(path: Path, files: list[Path]) -> dict[Path, tuple[int, int]]:
    """Height and width of every picture from its header; Pillow does not decode before it is asked to."""
    from PIL import Image, UnidentifiedImageError

    sizes: dict[Path, tuple[int, int]] = {}
    bad: list[tuple[Path, str]] = []
    with warnings.catch_warnings():  # not safe in threads, hence this loop is not in the pool
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        for file in files:
            try:
                with Image.open(file, formats=sorted(set(FORMATS.values()))) as picture:
                    width, height = picture.size
                    mode = picture.mode
            except (Image.DecompressionBombWarning, Image.DecompressionBombError):
                width = height = MOST_PIXELS
                mode = ""
            except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
                bad.append((file, "cannot be read as a picture"))
                continue
            if width * height > MOST_PIXELS:
                bad.append((file, f"is larger than {MOST_PIXELS // 1_000_000} million pixels"))
            elif mode.startswith(("I", "F")):
                bad.append((file, f"has more than 8 bits a channel (mode {mode})"))
            sizes[file] = (height, width)
    _refuse(path, bad)
    return sizes


def _decode(file: Path, place: np.ndarray[Any, Any], color_mode: str) -> str:
    """Decode one picture into its place; what went wrong, or an empty text."""
    import numpy as np
    from PIL import Image

    try:
        with Image.open(file) as picture:
            converted = picture.convert("RGB" if color_mode == "rgb" else "L")
    except (OSError, ValueError, SyntaxError) as error:
        return f"cannot be decoded: {error}"
    height, width = place.shape[:2]
    if converted.size != (width, height):
        converted = converted.resize((width, height), Image.Resampling.BILINEAR)
    place[:] = np.asarray(converted).reshape(place.shape)
    return ""


def _refuse(path: Path, bad: list[tuple[Path, str]]) -> None:
    if bad:
        lines = [f"{file.relative_to(path)} {why}" for file, why in bad]
        raise DataError(
            f"{path}: {len(bad)} of its entries cannot be used: {'; '.join(lines)}",
            expected="whole pictures only, in a folder for each class",
            hint="take them out of the folder, or repair them",
        )
