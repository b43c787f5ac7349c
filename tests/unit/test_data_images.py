import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nnrun.data.files import Roots
from nnrun.data.sources import peek, read
from nnrun.errors import DataError


def picture(path: Path, height: int = 2, width: int = 3, value: int = 7) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((height, width, 3), value, dtype=np.uint8)).save(path)


def load(tmp_path: Path, **settings: Any) -> Any:
    return read("images", {"path": "p", **settings}, Roots(tmp_path))


def test_images_sorted_classes_and_files(tmp_path: Path) -> None:
    for name, value in (("dog/b.png", 3), ("dog/a.png", 2), ("cat/z.PNG", 1), (".hidden/x.png", 9)):
        picture(tmp_path / "p" / name, value=value)
    (tmp_path / "p" / "dog" / ".DS_Store").write_text("x")
    data = load(tmp_path)
    assert data.arrays["image"].shape == (3, 2, 3, 3)
    assert data.arrays["image"].dtype == np.uint8
    assert data.arrays["image"][:, 0, 0, 0].tolist() == [1, 2, 3]
    assert data.targets["label"].tolist() == [0, 1, 1]
    assert data.classes == {"label": ("cat", "dog")}
    assert data.scale == {"image": 1 / 255}
    told = peek("images", {"path": "p"}, Roots(tmp_path))
    assert (told.arrays, told.num_classes, told.rows) == ({"image": (2, 3, 3)}, 2, 3)


def test_images_resized_grey(tmp_path: Path) -> None:
    picture(tmp_path / "p/a/1.png")
    picture(tmp_path / "p/b/1.png", 5, 5)
    data = load(tmp_path, image_size=[4, 6], color_mode="grayscale")
    assert data.arrays["image"].shape == (2, 4, 6, 1)
    assert np.unique(data.arrays["image"]).tolist() == [7]
    settings = {"path": "none", "image_size": [4, 6], "color_mode": "grayscale"}
    gone = peek("images", settings, Roots(tmp_path))
    assert (gone.arrays, gone.missing) == ({"image": (4, 6, 1)}, ("none",))


def test_images_are_made_smaller_without_aliasing(tmp_path: Path) -> None:
    """Stripes of one pixel become grey, in every format; taking each n-th pixel would leave them black or white."""
    stripes = np.zeros((160, 160, 3), np.uint8)
    stripes[:, ::2] = 255
    (tmp_path / "p/a").mkdir(parents=True)
    for name in ("1.png", "2.jpg", "3.bmp"):
        Image.fromarray(stripes).save(tmp_path / "p/a" / name)
    for side in (20, 30, 70):
        found = load(tmp_path, image_size=[side, side]).arrays["image"].astype(int)[:, 2:-2, 2:-2]
        assert np.abs(found.mean(axis=(1, 2, 3)) - 127.5).max() < 3
        assert np.abs(found - 127.5).max() < 50


def test_images_of_jpeg_decoded_small_are_those_decoded_whole_and_resized(tmp_path: Path) -> None:
    ramp = np.linspace(0, 255, 400)
    smooth = np.stack(np.broadcast_arrays(ramp[:, None], ramp[None], (ramp[:, None] + ramp[None]) / 2), axis=-1)
    whole = Image.fromarray(smooth.astype(np.uint8))
    (tmp_path / "p/a").mkdir(parents=True)
    whole.save(tmp_path / "p/a/1.jpg", quality=95)
    expected = np.asarray(whole.resize((90, 90), Image.Resampling.BILINEAR)).astype(int)
    found = load(tmp_path, image_size=[90, 90]).arrays["image"][0].astype(int)
    assert np.abs(found - expected).max() <= 3


def test_images_of_two_sizes_are_both_named(tmp_path: Path) -> None:
    picture(tmp_path / "p/a/1.png")
    picture(tmp_path / "p/b/2.png", 5, 5)
    with pytest.raises(DataError, match=r"a/1.png is 2x3 and b/2.png is 5x5"):
        load(tmp_path)


def test_images_every_bad_file_is_named(tmp_path: Path) -> None:
    picture(tmp_path / "p/a/good.png", 40, 40)
    (tmp_path / "p/a/bad.png").write_text("nothing")
    (tmp_path / "p/a/worse.jpg").write_bytes(b"")
    with pytest.raises(DataError, match="2 of its entries cannot be used") as caught:
        load(tmp_path)
    assert "a/bad.png" in str(caught.value)
    assert "a/worse.jpg" in str(caught.value)


def test_images_cut_file_is_named(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (40, 40, 3)).astype(np.uint8)
    (tmp_path / "p/a").mkdir(parents=True)
    Image.fromarray(noise).save(tmp_path / "p/a/1.png")
    whole = (tmp_path / "p/a/1.png").read_bytes()
    (tmp_path / "p/a/2.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"a/2.png cannot be decoded"):
        load(tmp_path)


def test_images_huge_header_is_refused_before_decoding(tmp_path: Path) -> None:
    picture(tmp_path / "p/a/1.png")
    for name, side in (("2.png", 8_001), ("3.png", 60_000)):
        chunk = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        body = struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
        (tmp_path / "p/a" / name).write_bytes(b"\x89PNG\r\n\x1a\n" + body + struct.pack(">I", 0) + b"IDAT")
    with pytest.raises(DataError, match=r"a/2.png is larger than 64 million pixels") as caught:
        load(tmp_path, image_size=[2, 2])
    assert "a/3.png is larger" in str(caught.value)


def test_images_strange_entries_are_named(tmp_path: Path) -> None:
    picture(tmp_path / "p/a/1.png")
    (tmp_path / "p/a/notes.txt").write_text("x")
    (tmp_path / "p/list.csv").write_text("x")
    (tmp_path / "p/empty").mkdir()
    (tmp_path / "outside.png").write_text("x")
    (tmp_path / "p/a/link.png").symlink_to(tmp_path / "outside.png")
    with pytest.raises(DataError) as caught:
        load(tmp_path)
    text = str(caught.value)
    assert "4 of its entries" in text
    assert "a/notes.txt is not a picture" in text
    assert "list.csv stands beside" in text
    assert "empty holds no pictures" in text
    assert "a/link.png is a link that leads outside" in text


def test_images_settings_are_checked(tmp_path: Path) -> None:
    picture(tmp_path / "p/a/1.png")
    with pytest.raises(DataError, match="image_size"):
        load(tmp_path, image_size=[0, 3])
    with pytest.raises(DataError, match="color_mode 'grey'"):
        load(tmp_path, color_mode="grey")
