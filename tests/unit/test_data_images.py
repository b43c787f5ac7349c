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


def test_images_in_nested_folders_belong_to_the_outer_class(tmp_path: Path) -> None:
    for name in ("cat/persian/2.png", "cat/1.png", "dog/a/b/3.png"):
        picture(tmp_path / "p" / name)
    data = load(tmp_path)
    assert [path.name for path in data.files] == ["1.png", "2.png", "3.png"]
    assert (data.targets["label"].tolist(), data.classes) == ([0, 0, 1], {"label": ("cat", "dog")})


def test_images_class_names_give_the_order_and_are_all_of_them(tmp_path: Path) -> None:
    for name in ("one/a.png", "two/b.png", "ten/c.png"):
        picture(tmp_path / "p" / name)
    data = load(tmp_path, class_names=["one", "two", "ten"])
    assert data.classes == {"label": ("one", "two", "ten")}
    assert [path.name for path in data.files] == ["a.png", "b.png", "c.png"]
    with pytest.raises(DataError, match="leaves out ten"):
        load(tmp_path, class_names=["one", "two"])
    with pytest.raises(DataError, match=r"no folder for the class 'tne'(.|\n)*did you mean 'ten'"):
        load(tmp_path, class_names=["one", "two", "tne"])


def test_images_labels_by_stem_and_without(tmp_path: Path) -> None:
    for name in ("2b827.png", "more/74853.png"):
        picture(tmp_path / "p" / name)
    data = load(tmp_path, labels="stem")
    assert (data.targets["label"].tolist(), data.classes) == (["2b827", "74853"], {})
    bare = load(tmp_path, labels="none")
    assert (bare.size, bare.targets, bare.target) == (2, {}, None)
    told = peek("images", {"path": "p", "labels": "none"}, Roots(tmp_path))
    assert (told.target, told.num_classes, told.rows) == (None, None, 2)


def test_images_limit_keeps_the_shares_of_the_classes(tmp_path: Path) -> None:
    for number in range(12):
        picture(tmp_path / "p" / ("cat" if number < 8 else "dog") / f"{number:02d}.png")
    data = load(tmp_path, limit=6)
    assert data.targets["label"].tolist() == [0, 0, 0, 0, 1, 1]
    assert peek("images", {"path": "p", "limit": 6}, Roots(tmp_path)).rows == 6


def test_images_are_turned_upright(tmp_path: Path) -> None:
    """A camera that was held on its side writes the pixels as they came, and beside them how it was held."""
    ramp = np.zeros((40, 80, 3), np.uint8)
    ramp[:, :40] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    (tmp_path / "p/a").mkdir(parents=True)
    Image.fromarray(ramp).save(tmp_path / "p/a/1.jpg", exif=exif, quality=95)
    whole = load(tmp_path).arrays["image"][0, :, :, 0]
    assert (whole.shape, whole[5].min() > 240, whole[-5].max() < 15) == ((80, 40), True, True)
    small = load(tmp_path, image_size=[20, 10]).arrays["image"][0, :, :, 0]
    assert (small.shape, small[2].min() > 240, small[-2].max() < 15) == ((20, 10), True, True)


def test_images_that_cannot_be_used_are_left_out_where_that_is_said(tmp_path: Path) -> None:
    for name in ("cat/1.png", "dog/2.png", "dog/3.png"):
        picture(tmp_path / "p" / name)
    (tmp_path / "p/cat/0.png").write_text("nothing")
    (tmp_path / "p/dog/notes.txt").write_text("x")
    (tmp_path / "p/fox").mkdir()
    (tmp_path / "p/fox/4.png").write_text("nothing")
    where = Roots(tmp_path)
    data = read("images", {"path": "p"}, where, on_bad="skip")
    assert (data.size, data.targets["label"].tolist(), data.classes["label"]) == (3, [0, 1, 1], ("cat", "dog"))
    assert sorted(Path(bad.file).name for bad in data.bad) == ["0.png", "4.png", "notes.txt"]
    assert peek("images", {"path": "p"}, where, on_bad="skip").rows == 5  # a check opens no more than one file
    with pytest.raises(DataError, match=r"notes.txt is not a picture that is read"):
        peek("images", {"path": "p"}, where)


def test_images_of_which_none_can_be_used_are_refused(tmp_path: Path) -> None:
    (tmp_path / "p/a").mkdir(parents=True)
    (tmp_path / "p/a/0.png").write_text("nothing")
    with pytest.raises(DataError, match=r"a/0.png cannot be read as a picture"):
        read("images", {"path": "p"}, Roots(tmp_path), on_bad="skip")
