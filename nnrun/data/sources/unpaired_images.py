"""Two folders of pictures that do not belong together one by one, to learn how one kind is turned into the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from nnrun.data.bad import OnBad
from nnrun.data.dataset import Dataset, Peek
from nnrun.data.folders import Folder, left_out, together
from nnrun.data.headers import png_size
from nnrun.data.picture_files import FORMATS, faults
from nnrun.data.pictures import CHANNELS, MODES, Pictures, check_settings
from nnrun.errors import SettingError

NAMES = ("first", "second")


def unpaired_images(
    first: Path,
    second: Path,
    *,
    names: list[str] | None = None,
    image_size: list[int] | None = None,
    color_mode: Literal["rgb", "grayscale"] = "rgb",
    limit: int | None = None,
    on_bad: OnBad = "fail",
) -> Dataset:
    """Pictures of two folders as two inputs (height, width, channels), 0..1, for the recipe `cyclegan`.

    A row is a picture of each, and nothing is said by which of them stand together. There are as many rows as the
    smaller folder has pictures; of the larger one as many are taken, evenly over the order of their names.

    Args:
        first: The folder of the pictures of one kind.
        second: The folder of those of the other kind.
        names: What the two inputs are called, such as [horse, zebra]; without it `first` and `second`.
        image_size: Height and width to resize to; without it all pictures must have one size.
        color_mode: rgb (3 channels) or grayscale (1 channel).
        limit: At most so many pictures of each folder, evenly over all of them.
    """
    _check(image_size, color_mode, names, limit)
    both = [together(path, FORMATS, "picture") for path in (first, second)]
    if on_bad != "fail":
        mode = MODES[color_mode]
        both = [folder.without([(file, str(why)) for file, why in faults(folder.files, mode)]) for folder in both]
    bad = [row for folder in both for row in left_out(folder, on_bad, "picture")]
    both = _of_one_length(both, limit)
    called = names or NAMES
    return Dataset(
        size=len(both[0].files),
        arrays={
            name: Pictures(folder.path, folder.files, image_size, color_mode)
            for name, folder in zip(called, both, strict=True)
        },
        scale=dict.fromkeys(called, 1 / 255),
        files=tuple(file for folder in both for file in folder.files),
        description=f"pictures {first.name} and {second.name}",
        bad=tuple(bad),
        notes=_note(both, called),
    )


def peek(
    first: Path | None,
    second: Path | None,
    *,
    names: list[str] | None = None,
    image_size: list[int] | None = None,
    color_mode: Literal["rgb", "grayscale"] = "rgb",
    limit: int | None = None,
    on_bad: OnBad = "fail",
) -> Peek:
    """Number and size of the pictures, from the names of the files and the headers of the first two."""
    _check(image_size, color_mode, names, limit)
    shapes: dict[str, tuple[int | None, ...]] = {}
    found = []
    for name, path in zip(names or NAMES, (first, second), strict=True):
        size: Sequence[int | None] = image_size or (None, None)
        if path is not None:
            folder = together(path, FORMATS, "picture")
            left_out(folder, on_bad, "picture")
            size = image_size or png_size(folder.files[0]) or (None, None)
            found.append(folder)
        shapes[name] = (*size, CHANNELS[color_mode])
    rows = len(_of_one_length(found, limit)[0].files) if len(found) == len(NAMES) else None
    return Peek(arrays=shapes, rows=rows)


def _of_one_length(both: Sequence[Folder], limit: int | None) -> list[Folder]:
    shortest = min(len(folder.files) for folder in both)
    return [folder.limited(min(shortest, limit or shortest)) for folder in both]


def _note(both: Sequence[Folder], names: Sequence[str]) -> tuple[str, ...]:
    """How many pictures stand beyond the length of the smaller folder."""
    return tuple(
        f"{len(folder.beyond):,} pictures of {name} are beyond the {len(folder.files):,} that are taken of each"
        for folder, name in zip(both, names, strict=True)
        if folder.beyond
    )


def _check(image_size: list[int] | None, color_mode: str, names: list[str] | None, limit: int | None) -> None:
    check_settings(image_size, color_mode, limit)
    if names is not None and len(set(names)) != len(NAMES):
        raise SettingError(f"names {names} are not two", expected="a name for each folder, such as [horse, zebra]")
