"""Single pictures in files: what their headers tell, and their pixels."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.data import parallel

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

FORMATS = {
    ".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".bmp": "BMP", ".gif": "GIF", ".webp": "WEBP", ".tif": "TIFF",
    ".tiff": "TIFF",
}  # fmt: skip
MOST_PIXELS = 64_000_000  # a header can promise more than memory holds: refused before decoding
PIECE = 32  # pictures that are decoded in one go
_TOO_LARGE = f"is larger than {MOST_PIXELS // 1_000_000} million pixels"
# The name nearly always tells the truth, so that its format is tried first.
_TRIED = {suffix: sorted(set(FORMATS.values()), key=lambda kind: kind != own) for suffix, own in FORMATS.items()}
_ORIENTATION, _LYING = 0x0112, (5, 6, 7, 8)  # EXIF: how a camera was held, and the values of a picture on its side

Fault = tuple[Path, "UnusableError"]


class UnusableError(Exception):
    """Why a file cannot be used, to be told with its name."""


def open_picture(file: Path) -> Image.Image:
    """Reads the header; Pillow does not decode before it is asked to."""
    from PIL import Image

    try:
        picture = Image.open(file, formats=_TRIED.get(file.suffix.lower(), sorted(set(FORMATS.values()))))
    except Image.DecompressionBombError:
        raise UnusableError(_TOO_LARGE) from None
    except Exception:  # a damaged header makes Pillow raise what its parts raise: struct.error, KeyError, ...
        raise UnusableError("cannot be read as a picture") from None
    if picture.width * picture.height > MOST_PIXELS:
        picture.close()
        raise UnusableError(_TOO_LARGE)
    return picture


def check_depth(picture: Image.Image) -> None:
    """Refuses numbers that do not fit into bytes, which Pillow would cut off."""
    if picture.mode.startswith(("I", "F")):
        picture.close()
        raise UnusableError(f"has more than 8 bits a channel (mode {picture.mode})")


def size_of(picture: Image.Image) -> tuple[int, int]:
    """Height and width as the picture is seen: a camera that was turned writes that beside the pixels."""
    lying = _orientation(picture) in _LYING
    return (picture.width, picture.height) if lying else (picture.height, picture.width)


def pixels(picture: Image.Image, mode: str, size: tuple[int, int] | None) -> np.ndarray[Any, Any]:
    """An open picture decoded, upright, in a mode of Pillow and, where it is given, in a size (height, width).

    Of an animation it is the first picture; transparency is left out. Raises UnusableError.
    """
    import numpy as np
    from PIL import Image

    check_depth(picture)
    try:
        lying = _orientation(picture)
        if size is not None:
            picture.draft(None, size if lying in _LYING else size[::-1])
        seen = upright(picture)
        if seen.mode == "P" and "transparency" in seen.info:
            seen = seen.convert("RGBA")  # else Pillow warns
        seen = seen if seen.mode == mode else seen.convert(mode)
        if size is not None and seen.size != size[::-1]:
            seen = seen.resize(size[::-1], Image.Resampling.BILINEAR)
        return np.asarray(seen)
    except Exception as error:  # as above
        raise UnusableError(f"cannot be decoded: {error}") from None


def upright(picture: Image.Image) -> Image.Image:
    """The picture, decoded, as its camera was held."""
    from PIL import ImageOps

    picture.load()
    return ImageOps.exif_transpose(picture) if _orientation(picture) > 1 else picture


def faults(files: Sequence[Path], mode: str) -> list[Fault]:
    """Every file that cannot be used, found by decoding all of them."""

    def look(piece: Sequence[Path]) -> list[Fault]:
        found = []
        for file in piece:
            try:
                with open_picture(file) as picture:
                    pixels(picture, mode, None)
            except UnusableError as fault:
                found.append((file, fault))
        return found

    size = max(PIECE, -(-len(files) // parallel.MOST_PIECES))
    pieces = [files[first : first + size] for first in range(0, len(files), size)]
    with quiet():
        return [fault for found in parallel.for_each(look, pieces) for fault in found]


def _orientation(picture: Image.Image) -> int:
    """How the picture lies: 1 is upright; a TIFF is turned by Pillow itself."""
    if "exif" in picture.info and picture.format != "TIFF":
        with suppress(Exception):  # what a camera writes beside the pixels may be damaged, and the pixels good
            return int(picture.getexif().get(_ORIENTATION, 1))
    return 1


@contextmanager
def quiet() -> Iterator[None]:
    """Pillow warns of large pictures, which are refused here, and of damage beside the pixels.

    It holds for work that is done inside; a filter of warnings is not safe inside of threads.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
