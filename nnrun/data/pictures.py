"""Pictures in files, decoded when they are asked for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.data import parallel
from nnrun.data.folders import refuse
from nnrun.data.picture_files import PIECE, Fault, UnusableError, check_depth, open_picture, pixels, quiet, size_of
from nnrun.data.rows import Rows
from nnrun.errors import DataError, SettingError

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

CHANNELS = {"rgb": 3, "grayscale": 1}
MODES = {"rgb": "RGB", "grayscale": "L"}


class _OddSizeError(UnusableError):
    """A picture of another size than the first, where nothing says to what they are resized."""


class Pictures(Rows):
    """Pictures as bytes (rows, height, width, channels).

    `size` is height and width; where it is None, all pictures must have the size of the first. Pictures of another size
    are resized bilinearly with antialiasing; a JPEG is decoded at a half, quarter or eighth of its size before, where
    that is no smaller than `size`, which the format does exactly and in less time.
    """

    def __init__(self, folder: Path, files: Sequence[Path], size: Sequence[int] | None, color_mode: str) -> None:
        import numpy as np

        self.folder, self.files, self.mode = folder, files, MODES[color_mode]
        self.resize = size is not None
        self.shape = (len(files), *(size or (0, 0)), CHANNELS[color_mode])
        self.dtype = np.dtype(np.uint8)
        if size is None:
            self.shape = (len(files), *self._first_size(), CHANNELS[color_mode])

    def make(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        import numpy as np

        rows = np.empty((len(numbers), *self.shape[1:]), np.uint8)
        self._refuse(self._decode(numbers, rows))
        return rows

    def read(self) -> np.ndarray[Any, Any]:
        """All pictures, decoded in parallel; every file that cannot be used is named."""
        import numpy as np

        rows = parallel.empty(self.shape, self.dtype)
        size = max(PIECE, -(-len(rows) // parallel.MOST_PIECES))
        pieces = [np.arange(first, min(first + size, len(rows))) for first in range(0, len(rows), size)]
        with quiet():
            found = parallel.for_each(lambda piece: self._decode(piece, rows[piece[0] : piece[-1] + 1]), pieces)
        self._refuse([one for faults in found for one in faults])
        return rows

    def check(self) -> None:
        """Names every file whose header says that it cannot be used."""
        bad = []
        with quiet():
            for file in self.files:
                try:
                    self._open(file).close()
                except UnusableError as fault:
                    bad.append((file, fault))
        self._refuse(bad)

    def _first_size(self) -> tuple[int, int]:
        """Height and width of the first picture; where it has none, every bad file is named."""
        try:
            with quiet(), open_picture(self.files[0]) as picture:
                return size_of(picture)
        except UnusableError:
            self.check()
            raise

    def _decode(self, numbers: np.ndarray[Any, Any], rows: np.ndarray[Any, Any]) -> list[Fault]:
        """Decodes into the rows of an array, and tells which files cannot be used."""
        size = (self.shape[1], self.shape[2]) if self.resize else None
        bad = []
        for place, number in enumerate(numbers.tolist()):
            file = self.files[number]
            try:
                with self._open(file) as picture:
                    rows[place] = pixels(picture, self.mode, size).reshape(rows.shape[1:])
            except UnusableError as fault:
                bad.append((file, fault))
        return bad

    def _open(self, file: Path) -> Image.Image:
        """A picture whose header is read and good."""
        picture = open_picture(file)
        check_depth(picture)
        if not self.resize and size_of(picture) != self.shape[1:3]:
            height, width = size_of(picture)
            picture.close()
            raise _OddSizeError(f"{height}x{width}")
        return picture

    def _refuse(self, found: Sequence[Fault]) -> None:
        bad = [(file, str(why)) for file, why in found if not isinstance(why, _OddSizeError)]
        refuse(self.folder, bad, "whole pictures only")
        if found:
            file, size = found[0]
            raise DataError(
                f"{self.files[0].relative_to(self.folder)} is {self.shape[1]}x{self.shape[2]} and "
                f"{file.relative_to(self.folder)} is {size} (height x width)",
                expected="pictures of one size",
                hint="write `image_size: [height, width]`, then every picture is resized",
            )


def check_settings(image_size: Sequence[int] | None, color_mode: str, limit: int | None = None) -> None:
    """Refuses what no pictures could serve."""
    if image_size is not None and not (
        len(image_size) == 2 and all(isinstance(side, int) and side > 0 for side in image_size)
    ):
        raise SettingError(f"image_size {image_size} is not a size", expected="[height, width] in pixels")
    if color_mode not in CHANNELS:
        raise SettingError(f"color_mode {color_mode!r} is not known", expected="rgb or grayscale")
    if limit is not None and limit < 1:
        raise SettingError(f"limit {limit} leaves no pictures", expected="a number of pictures")


def common_folder(files: Sequence[Path]) -> Path:
    """The folder that all files share, for messages."""
    return Path(os.path.commonpath([file.parent for file in files]))
