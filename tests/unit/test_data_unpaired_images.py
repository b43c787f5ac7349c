"""Two folders of pictures that belong to no pairs: the smaller one counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nnrun.data.files import Roots
from nnrun.data.sources import peek, read
from nnrun.errors import DataError, SettingError

FOLDERS = {"first": "horses", "second": "zebras"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures and five, each of one grey, which is its number."""
    for name, count in (("horses", 3), ("zebras", 5)):
        (tmp_path / name).mkdir()
        for number in range(count):
            Image.fromarray(np.full((4, 6, 3), number, np.uint8)).save(tmp_path / name / f"{number}.png")
    return tmp_path


def load(folder: Path, on_bad: Any = "fail", **settings: Any) -> Any:
    return read("unpaired_images", {**FOLDERS, **settings}, Roots(folder), on_bad=on_bad)


def greys(data: Any) -> dict[str, list[int]]:
    return {name: np.asarray(rows[:])[:, 0, 0, 0].tolist() for name, rows in data.arrays.items()}


def test_unpaired_images_are_as_many_as_the_smaller_folder_has(folder: Path) -> None:
    data = load(folder, names=["horse", "zebra"])
    assert greys(data) == {"horse": [0, 1, 2], "zebra": [0, 1, 3]}  # evenly over the five
    assert data.notes == ("2 pictures of zebra are beyond the 3 that are taken of each",)
    assert (data.size, data.scale, data.target) == (3, {"horse": 1 / 255, "zebra": 1 / 255}, None)
    assert greys(load(folder, limit=2)) == {"first": [0, 1], "second": [0, 2]}


def test_unpaired_images_headers_tell_what_is_read(folder: Path) -> None:
    told = peek("unpaired_images", FOLDERS, Roots(folder))
    assert (told.arrays, told.rows) == ({"first": (4, 6, 3), "second": (4, 6, 3)}, 3)
    data = load(folder, image_size=[2, 2], color_mode="grayscale")
    told = peek("unpaired_images", {**FOLDERS, "image_size": [2, 2], "color_mode": "grayscale"}, Roots(folder))
    assert {name: rows.shape[1:] for name, rows in data.arrays.items()} == dict(told.arrays)


def test_unpaired_images_bad_ones_are_named_or_left_out(folder: Path) -> None:
    (folder / "horses" / "1.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"1\.png"):
        np.asarray(load(folder).arrays["first"][:])
    data = load(folder, on_bad="skip")
    assert greys(data) == {"first": [0, 2], "second": [0, 2]}
    assert [Path(row.file).name for row in data.bad] == ["1.png"]


@pytest.mark.parametrize("names", [["horse"], ["horse", "horse"], ["a", "b", "c"]])
def test_unpaired_images_have_two_names(folder: Path, names: list[str]) -> None:
    with pytest.raises(SettingError, match="names"):
        load(folder, names=names)
