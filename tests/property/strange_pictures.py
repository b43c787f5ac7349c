"""Pictures as they come from cameras, scanners, downloads that broke off and people who rename files."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Strange:
    """A file's name and bytes, and whether it is a picture that can be used."""

    name: str
    data: bytes
    good: bool


def strange(number: int) -> Strange:
    """The picture of this number: every kind in turn, each time of another size and content."""
    draw = random.Random(number)
    kinds = [*_GOOD, *_BAD]
    make = kinds[number % len(kinds)]
    ending, data = make(draw)
    return Strange(f"{number:03d}-{make.__name__.strip('_')}{ending}", data, make in _GOOD)


def _noise(draw: random.Random, mode: str = "RGB", least: int = 2) -> Image.Image:
    height, width = draw.randint(least, 60), draw.randint(least, 60)
    pixels = np.random.default_rng(draw.randint(0, 10**9)).integers(0, 256, (height, width, 4), dtype=np.uint8)
    return Image.fromarray(pixels).convert("RGB").convert(mode)


def _saved(picture: Image.Image, kind: str, **how: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **how)
    return stream.getvalue()


def _wrong_suffix(draw: random.Random) -> tuple[str, bytes]:
    return draw.choice([".jpg", ".gif", ".bmp"]), _saved(_noise(draw), "PNG")


def _cmyk(draw: random.Random) -> tuple[str, bytes]:
    return ".jpg", _saved(_noise(draw, "CMYK"), "JPEG")


def _palette(draw: random.Random) -> tuple[str, bytes]:
    return ".png", _saved(_noise(draw, "P"), "PNG")


def _transparent_palette(draw: random.Random) -> tuple[str, bytes]:
    return ".png", _saved(_noise(draw, "P"), "PNG", transparency=bytes(draw.randint(0, 255) for _ in range(200)))


def _alpha(draw: random.Random) -> tuple[str, bytes]:
    picture = _noise(draw)
    picture.putalpha(draw.randint(0, 255))
    return draw.choice([(".png", _saved(picture, "PNG")), (".webp", _saved(picture, "WEBP"))])


def _grey_alpha(draw: random.Random) -> tuple[str, bytes]:
    return ".png", _saved(_noise(draw, "LA"), "PNG")


def _one_bit(draw: random.Random) -> tuple[str, bytes]:
    return ".png", _saved(_noise(draw, "1"), "PNG")


def _animated(draw: random.Random) -> tuple[str, bytes]:
    first = _noise(draw, "P")
    others = [first.transpose(Image.Transpose.ROTATE_180) for _ in range(draw.randint(1, 4))]
    return ".gif", _saved(first, "GIF", save_all=True, append_images=others)


def _turned(draw: random.Random) -> tuple[str, bytes]:
    exif = Image.Exif()
    exif[0x0112] = draw.randint(2, 8)
    return ".jpg", _saved(_noise(draw), "JPEG", exif=exif)


def _strange_exif(draw: random.Random) -> tuple[str, bytes]:
    return ".jpg", _saved(_noise(draw), "JPEG", exif=b"Exif\0\0" + draw.randbytes(40))


def _single_pixel(draw: random.Random) -> tuple[str, bytes]:
    return ".png", _saved(Image.new("RGB", (1, 1), (draw.randint(0, 255), 0, 0)), "PNG")


def _thread(draw: random.Random) -> tuple[str, bytes]:
    return ".png", _saved(Image.new("L", (draw.randint(1_000, 5_000), 1)), "PNG")


def _with_rubbish_behind(draw: random.Random) -> tuple[str, bytes]:
    return ".jpg", _saved(_noise(draw), "JPEG") + draw.randbytes(500)


def _progressive(draw: random.Random) -> tuple[str, bytes]:
    return ".jpeg", _saved(_noise(draw), "JPEG", progressive=True)


def _tiff(draw: random.Random) -> tuple[str, bytes]:
    return ".tif", _saved(_noise(draw), "TIFF", compression=draw.choice([None, "tiff_lzw"]))


def _cut(draw: random.Random) -> tuple[str, bytes]:
    ending, kind = draw.choice([(".png", "PNG"), (".jpg", "JPEG"), (".bmp", "BMP"), (".webp", "WEBP")])
    data = _saved(_noise(draw, least=20), kind)
    return ending, data[: int(len(data) * draw.uniform(0.05, 0.8))]


def _empty(draw: random.Random) -> tuple[str, bytes]:
    return draw.choice([".png", ".jpg", ".gif"]), b""


def _zeros(draw: random.Random) -> tuple[str, bytes]:
    return ".jpg", bytes(draw.randint(1, 4_000))


def _page(draw: random.Random) -> tuple[str, bytes]:
    return draw.choice([".jpg", ".png"]), b"<!DOCTYPE html><html><body>404 Not Found</body></html>"


def _rubbish(draw: random.Random) -> tuple[str, bytes]:
    return ".png", draw.randbytes(draw.randint(1, 3_000))


def _signature_alone(draw: random.Random) -> tuple[str, bytes]:
    return draw.choice([(".png", b"\x89PNG\r\n\x1a\n"), (".jpg", b"\xff\xd8\xff\xe0"), (".gif", b"GIF89a")])


def _deep(draw: random.Random) -> tuple[str, bytes]:
    pixels = np.random.default_rng(draw.randint(0, 99)).integers(0, 2**16, (9, 9), dtype=np.uint16)
    return ".png", _saved(Image.fromarray(pixels), "PNG")


def _floats(draw: random.Random) -> tuple[str, bytes]:
    return ".tiff", _saved(Image.fromarray(np.full((5, 7), draw.random(), np.float32)), "TIFF")


def _huge(draw: random.Random) -> tuple[str, bytes]:
    """A header that promises more than memory holds."""
    side = draw.randint(9_000, 60_000)
    return ".png", _png(side, side, b"")


def _no_rows(draw: random.Random) -> tuple[str, bytes]:
    return ".png", _png(0, draw.randint(0, 9), zlib.compress(b""))


def _wrong_sum(draw: random.Random) -> tuple[str, bytes]:
    data = bytearray(_saved(_noise(draw, least=20), "PNG"))
    data[draw.randint(60, len(data) - 20)] ^= 255
    return ".png", bytes(data)


def _not_a_picture(draw: random.Random) -> tuple[str, bytes]:
    return draw.choice([".txt", ".mp4", ".heic", ".svg", ""]), draw.randbytes(50)


def _png(height: int, width: int, body: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", body) + chunk(b"IEND", b"")


_Make = Callable[[random.Random], tuple[str, bytes]]
_GOOD: list[_Make] = [
    _wrong_suffix, _cmyk, _palette, _transparent_palette, _alpha, _grey_alpha, _one_bit, _animated, _turned,
    _strange_exif, _single_pixel, _thread, _with_rubbish_behind, _progressive, _tiff,
]  # fmt: skip
_BAD: list[_Make] = [
    _cut, _empty, _zeros, _page, _rubbish, _signature_alone, _deep, _floats, _huge, _no_rows, _wrong_sum,
    _not_a_picture,
]  # fmt: skip
