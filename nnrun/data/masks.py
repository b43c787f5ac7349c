"""Masks of pictures: which belongs to which, and the class number of every pixel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.data import parallel
from nnrun.data.folders import Strange
from nnrun.data.picture_files import PIECE, UnusableError, open_picture, quiet, size_of, upright
from nnrun.errors import listing

if TYPE_CHECKING:
    import numpy as np

MOST_CLASSES = 256


def pairs(images: Sequence[Path], masks: Sequence[Path]) -> tuple[dict[Path, Path], list[Strange]]:
    """The mask of every picture, whose names differ by their ending alone, and every file without a partner."""
    strange: list[Strange] = []
    by_stem: list[dict[str, Path]] = []
    for files in (images, masks):
        found: dict[str, Path] = {}
        for file in files:
            if file.stem in found:
                strange.append((file, f"is called like {found[file.stem].name}"))
            else:
                found[file.stem] = file
        by_stem.append(found)
    first, second = by_stem
    strange += [(file, "has no mask") for stem, file in first.items() if stem not in second]
    strange += [(file, "is a mask without a picture") for stem, file in second.items() if stem not in first]
    return {file: second[stem] for stem, file in first.items() if stem in second}, strange


def read_masks(
    masks: Sequence[Path], size: Sequence[int], *, resize: bool, values: Sequence[int] | None
) -> tuple[np.ndarray[Any, Any], dict[int, str]]:
    """All masks as whole numbers (rows, height, width, 1), and the rows of those that cannot be used, with the reason.

    They are resized to the nearest pixel, since between two classes there is none. `values` are the values in the files
    in the order of their class numbers; without it the values themselves are given. Without `resize` a mask and its
    picture have to be of one size.
    """
    import numpy as np

    rows = parallel.empty((len(masks), *size, 1), np.dtype(np.uint8))
    places = None if values is None else {value: number for number, value in enumerate(values)}

    def read(piece: range) -> dict[int, str]:
        bad = {}
        for row in piece:
            try:
                rows[row, ..., 0] = _mask(masks[row], (size[0], size[1]), places, resize=resize)
            except UnusableError as fault:
                bad[row] = str(fault)
        return bad

    step = max(PIECE, -(-len(masks) // parallel.MOST_PIECES))
    pieces = [range(first, min(first + step, len(masks))) for first in range(0, len(masks), step)]
    with quiet():
        found = parallel.for_each(read, pieces)
    return rows, {row: why for faults in found for row, why in faults.items()}


def _mask(file: Path, size: tuple[int, int], places: Mapping[int, int] | None, *, resize: bool) -> np.ndarray[Any, Any]:
    """One mask (height, width), as class numbers where these are known."""
    import numpy as np
    from PIL import Image

    with open_picture(file) as picture:
        if not resize and size_of(picture) != size:
            height, width = size_of(picture)
            raise UnusableError(f"is {height}x{width}, and its picture {size[0]}x{size[1]} (height x width)")
        try:
            seen = upright(picture)
            if seen.size != size[::-1]:
                seen = seen.resize(size[::-1], Image.Resampling.NEAREST)
            mask = np.asarray(seen)
        except Exception as error:  # what Pillow raises for a damaged file is what its parts raise
            raise UnusableError(f"cannot be decoded: {error}") from None
    if mask.ndim == 3:  # grey, stored in colours
        if not (mask[..., :3] == mask[..., :1]).all() and mask.shape[-1] > 2:
            raise UnusableError("has colours, and no class number for each pixel")
        mask = mask[..., 0]
    found = np.unique(mask)
    if places is not None:
        other = [f"{value:g}" for value in found.tolist() if value not in places]
        if other:
            raise UnusableError(f"holds {listing(other, 5)}, which `values` does not name")
        numbers = np.array([places[value] for value in found.tolist()])
        return numbers[np.searchsorted(found, mask)]
    if mask.dtype.kind not in "iub" or found[0] < 0 or found[-1] >= MOST_CLASSES:
        raise UnusableError(f"holds values from {found[0]:g} to {found[-1]:g}, and classes are 0 to {MOST_CLASSES - 1}")
    return mask
