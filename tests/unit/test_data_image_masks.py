"""Pictures with masks: pairs by name, classes of pixels, parts by a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nnrun.data.files import Roots
from nnrun.data.rows import as_rows
from nnrun.data.sources import peek, read
from nnrun.errors import DataError

MASK = np.array([[0, 255, 255], [0, 0, 255]], np.uint8)


def pair(folder: Path, stem: str, mask: Any = MASK, height: int = 2, width: int = 3) -> None:
    for name in ("images", "masks"):
        (folder / name).mkdir(exist_ok=True)
    Image.fromarray(np.full((height, width, 3), int(stem), np.uint8)).save(folder / "images" / f"{stem}.png")
    (mask if isinstance(mask, Image.Image) else Image.fromarray(mask)).save(folder / "masks" / f"{stem}.png")


def load(folder: Path, on_bad: Any = "fail", stream: bool | None = None, **settings: Any) -> Any:
    given = {"images": "images", "masks": "masks", **settings}
    return read("image_masks", given, Roots(folder), on_bad=on_bad, stream=stream)


def test_image_masks_pairs_by_name(tmp_path: Path) -> None:
    for stem in ("2", "1"):
        pair(tmp_path, stem)
    data = load(tmp_path)
    assert data.arrays["image"][:, 0, 0, 0].tolist() == [1, 2]
    assert (data.targets["mask"].shape, data.targets["mask"].dtype) == ((2, 2, 3, 1), np.uint8)
    assert data.targets["mask"][0, :, :, 0].tolist() == MASK.tolist()
    assert (data.target, dict(data.classes), data.scale) == ("mask", {}, {"image": 1 / 255})
    told = peek("image_masks", {"images": "images", "masks": "masks", "values": [0, 255]}, Roots(tmp_path))
    assert (told.arrays, told.targets, told.num_classes) == ({"image": (2, 3, 3)}, {"mask": (2, 3, 1)}, 2)


def test_image_masks_values_are_class_numbers_with_names(tmp_path: Path) -> None:
    pair(tmp_path, "1")
    data = load(tmp_path, values=[255, 0], class_names=["cell", "ground"])
    assert data.targets["mask"][0, :, :, 0].tolist() == [[1, 0, 0], [1, 1, 0]]
    assert data.classes == {"mask": ("cell", "ground")}


def test_image_masks_are_resized_to_the_nearest_pixel(tmp_path: Path) -> None:
    pair(tmp_path, "1", np.kron(MASK, np.ones((10, 10), np.uint8)), 20, 30)
    data = load(tmp_path, image_size=[7, 5])
    assert data.arrays["image"].shape == (1, 7, 5, 3)
    assert np.unique(data.targets["mask"]).tolist() == [0, 255]


@pytest.mark.parametrize("mode", ["1", "P", "RGB", "I;16"])
def test_image_masks_of_every_kind(tmp_path: Path, mode: str) -> None:
    numbers = MASK // 255
    kinds = {
        "1": Image.fromarray(numbers.astype(bool)),
        "P": Image.fromarray(numbers).convert("P"),
        "RGB": Image.fromarray(np.repeat(numbers[..., None], 3, axis=2)),
        "I;16": Image.fromarray(numbers.astype(np.uint16)),
    }
    picture = kinds[mode]
    if mode == "P":
        picture = Image.fromarray(numbers)
        picture.putpalette([9, 9, 9, 200, 0, 0])
    pair(tmp_path, "1", picture)
    assert load(tmp_path).targets["mask"][0, :, :, 0].tolist() == numbers.tolist()


def test_image_masks_without_a_partner_are_all_named(tmp_path: Path) -> None:
    for stem in ("1", "2", "3"):
        pair(tmp_path, stem)
    (tmp_path / "masks/2.png").unlink()
    (tmp_path / "images/3.png").unlink()
    with pytest.raises(DataError) as caught:
        load(tmp_path)
    assert "images/2.png has no mask; masks/3.png is a mask without a picture" in str(caught.value)
    data = load(tmp_path, "skip")
    assert (data.size, sorted(Path(bad.file).name for bad in data.bad)) == (1, ["2.png", "3.png"])


@pytest.mark.parametrize(
    ("mask", "settings", "told"),
    [
        (np.full((2, 3), 7, np.uint8), {"values": [0, 255]}, "holds 7, which `values` does not name"),
        (np.full((3, 3), 255, np.uint8), {}, "is 3x3, and its picture 2x3 (height x width)"),
        (np.arange(18, dtype=np.uint8).reshape(2, 3, 3), {}, "has colours, and no class number for each pixel"),
        (np.full((2, 3), 300, np.uint16), {}, "holds values from 300 to 300, and classes are 0 to 255"),
    ],
)
def test_image_masks_that_cannot_be_used_are_named(
    tmp_path: Path, mask: Any, settings: dict[str, Any], told: str
) -> None:
    pair(tmp_path, "1")
    pair(tmp_path, "2", mask)
    with pytest.raises(DataError, match=r"images/2.png has a mask that") as caught:
        load(tmp_path, **settings)
    assert told in str(caught.value)
    for stream in (False, True):
        data = load(tmp_path, "report", stream, **settings)
        assert (data.size, len(data.bad), len(data.targets["mask"])) == (1, 1, 1)
        assert as_rows(data.arrays["image"]).read()[:, 0, 0, 0].tolist() == [1]


def test_image_masks_parts_by_a_file(tmp_path: Path) -> None:
    for stem in "1234":
        pair(tmp_path, stem)
    parts = tmp_path / "split.json"
    by_file = dict(zip("1423", ["train", "train", "test", "val"], strict=True))
    for told in ({"train": ["1.png", "4"], "val": ["3.png"], "test": ["2"]}, by_file):
        parts.write_text(json.dumps(told))
        found = load(tmp_path, split_file="split.json").parts
        assert {part: rows.tolist() for part, rows in found.items()} == {"validation": [2], "test": [1]}
    for wrong, message in (
        ({"train": ["1", "2"], "test": ["3"]}, r"names no part for 4.png"),
        ({"train": ["1", "2", "3"], "test": ["4", "5"]}, "names 5, which are no files"),
        ({"train": ["1", "2", "3"], "tset": ["4"]}, "names a part 'tset'"),
        ({"train": ["1", "2", "3"], "test": ["3.png", "4"]}, r"names 3.png twice"),
        (["1"], "holds no mapping"),
    ):
        parts.write_text(json.dumps(wrong))
        with pytest.raises(DataError, match=message):
            load(tmp_path, split_file="split.json")
    parts.write_text(json.dumps({"train": ["1", "2"], "test": ["3", "4"]}))
    limited = load(tmp_path, split_file="split.json", limit=2)
    assert (limited.size, limited.parts["test"].tolist()) == (2, [1])


def test_image_masks_settings_are_checked(tmp_path: Path) -> None:
    pair(tmp_path, "1")
    for settings, told in (
        ({"values": [1]}, "are no classes"),
        ({"values": [0, 0]}, "are no classes"),
        ({"class_names": ["a", "b"]}, "class_names has 2 names, and values 0 numbers"),
        ({"limit": 0}, "leaves no pictures"),
    ):
        with pytest.raises(DataError, match=told):
            load(tmp_path, **settings)
