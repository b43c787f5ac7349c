"""Pictures in files, decoded when they are asked for."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.data import parallel
from nnrun.data.rows import Rows
from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".bmp": "BMP", ".gif": "GIF", ".webp": "WEBP"}
CHANNELS = {"rgb": 3, "grayscale": 1}
MODES = {"rgb": "RGB", "grayscale": "L"}
MOST_PIXELS = 64_000_000  # a header can promise more than memory holds: refused before decoding
PIECE = 32  # pictures that are decoded in one go
_TOO_LARGE = f"is larger than {MOST_PIXELS // 1_000_000} million pixels"
# The name nearly always tells the truth, so that its format is tried first.
_TRIED = {suffix: sorted(set(FORMATS.values()), key=lambda kind: kind != own) for suffix, own in FORMATS.items()}


class _UnusableError(Exception):
    """Why a file cannot be used, to be told with its name."""


class _OddSizeError(_UnusableError):
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
        with _without_bomb_warnings():
            found = parallel.for_each(lambda piece: self._decode(piece, rows[piece[0] : piece[-1] + 1]), pieces)
        self._refuse([one for faults in found for one in faults])
        return rows

    def check(self) -> None:
        """Names every file whose header says that it cannot be used."""
        bad = []
        with _without_bomb_warnings():
            for file in self.files:
                try:
                    self._open(file).close()
                except _UnusableError as fault:
                    bad.append((file, fault))
        self._refuse(bad)

    def _first_size(self) -> tuple[int, int]:
        """Height and width of the first picture; where it has none, every bad file is named."""
        try:
            with _without_bomb_warnings(), _open(self.files[0]) as picture:
                return picture.height, picture.width
        except _UnusableError:
            self.check()
            raise

    def _decode(self, numbers: np.ndarray[Any, Any], rows: np.ndarray[Any, Any]) -> list[tuple[Path, _UnusableError]]:
        """Decodes into the rows of an array, and tells which files cannot be used."""
        import numpy as np
        from PIL import Image

        height, width = self.shape[1:3]
        bad = []
        for place, number in enumerate(numbers.tolist()):
            file = self.files[number]
            try:
                with self._open(file) as picture:
                    if self.resize:
                        picture.draft(None, (width, height))
                    picture.load()
                    converted: Image.Image = picture if picture.mode == self.mode else picture.convert(self.mode)
                    if converted.size != (width, height):
                        converted = converted.resize((width, height), Image.Resampling.BILINEAR)
                    rows[place] = np.asarray(converted).reshape(rows.shape[1:])
            except _UnusableError as fault:
                bad.append((file, fault))
            except (OSError, ValueError, SyntaxError) as error:
                bad.append((file, _UnusableError(f"cannot be decoded: {error}")))
        return bad

    def _open(self, file: Path) -> Image.Image:
        """A picture whose header is read and good."""
        picture = _open(file)
        if not self.resize and (picture.height, picture.width) != self.shape[1:3]:
            size = f"{picture.height}x{picture.width}"
            picture.close()
            raise _OddSizeError(size)
        return picture

    def _refuse(self, found: Sequence[tuple[Path, _UnusableError]]) -> None:
        bad = [(file, str(why)) for file, why in found if not isinstance(why, _OddSizeError)]
        refuse(self.folder, bad)
        if found:
            file, size = found[0]
            raise DataError(
                f"{self.files[0].relative_to(self.folder)} is {self.shape[1]}x{self.shape[2]} and "
                f"{file.relative_to(self.folder)} is {size} (height x width)",
                expected="pictures of one size",
                hint="write `image_size: [height, width]`, then every picture is resized",
            )


def refuse(folder: Path, bad: Sequence[tuple[Path, str]]) -> None:
    """Names everything in a folder that cannot be used, if there is anything."""
    if bad:
        lines = [f"{file.relative_to(folder)} {why}" for file, why in bad]
        raise DataError(
            f"{folder}: {len(bad)} of its entries cannot be used: {'; '.join(lines)}",
            expected="whole pictures only, in a folder for each class",
            hint="take them out of the folder, or repair them",
        )


def _open(file: Path) -> Image.Image:
    """Reads the header; Pillow does not decode before it is asked to."""
    from PIL import Image, UnidentifiedImageError

    try:
        picture = Image.open(file, formats=_TRIED[file.suffix.lower()])
    except Image.DecompressionBombError:
        raise _UnusableError(_TOO_LARGE) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise _UnusableError("cannot be read as a picture") from None
    if picture.width * picture.height > MOST_PIXELS:
        picture.close()
        raise _UnusableError(_TOO_LARGE)
    if picture.mode.startswith(("I", "F")):
        picture.close()
        raise _UnusableError(f"has more than 8 bits a channel (mode {picture.mode})")
    return picture


@contextmanager
def _without_bomb_warnings() -> Iterator[None]:
    """Pillow warns of large pictures, which are refused here; a filter of warnings is not safe inside of threads."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield
