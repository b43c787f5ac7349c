"""Broken and strange pictures: every bad one is named before the training, and none that is good (R12)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from PIL import Image
from strange_pictures import Strange, strange
from tally import record

from nnrun.data.dataset import Dataset
from nnrun.data.files import Roots
from nnrun.data.rows import as_rows
from nnrun.data.sources import read
from nnrun.errors import DataError

ALL = range(200)
WITH_EVERY_TEST = sorted(random.Random(12).sample(ALL, 20))


def load(folder: Path, on_bad: Literal["fail", "skip", "report"] = "fail", **how: Any) -> Dataset:
    return read("images", {"path": "p", "image_size": [8, 8]}, Roots(folder), on_bad=on_bad, **how)


def written(folder: Path, pictures: Sequence[Strange]) -> None:
    (folder / "p" / "a").mkdir(parents=True)
    Image.fromarray(np.full((9, 9, 3), 7, np.uint8)).save(folder / "p" / "a" / "plain.png")
    for picture in pictures:
        (folder / "p" / "a" / picture.name).write_bytes(picture.data)


def complaint(folder: Path, picture: Strange) -> str:
    """What is wrong with how nnrun takes a folder that holds a plain picture and a strange one; empty if nothing is."""
    written(folder, [picture])
    try:
        held = load(folder)
        refused = ""
    except DataError as error:
        refused = str(error)
    if picture.good is bool(refused) or (refused and f"a/{picture.name} " not in refused):
        return f"{picture.name}: {refused or 'not named'}"
    for on_bad in ("skip", "report"):
        for stream in (False, True):
            left = load(folder, on_bad, stream=stream)
            named = [Path(bad.file).name for bad in left.bad]
            if (left.size, named) != ((2, []) if picture.good else (1, [picture.name])):
                return f"{picture.name}: {on_bad}: {left.size} rows are used, {named} left out"
            pixels = as_rows(left.arrays["image"]).read()
            if picture.good and not np.array_equal(pixels, held.arrays["image"]):
                return f"{picture.name}: other pixels where it is streamed"
    return ""


def tried(folder: Path, numbers: Sequence[int]) -> None:
    complaints = [complaint(folder / str(number), strange(number)) for number in numbers]
    wrong = [line for line in complaints if line]
    record("R12", points=len(numbers), passed=len(numbers) - len(wrong))
    assert wrong == []


def test_strange_images_some(tmp_path: Path) -> None:
    tried(tmp_path, WITH_EVERY_TEST)


@pytest.mark.nightly
def test_strange_images_all(tmp_path: Path) -> None:
    tried(tmp_path, ALL)


def test_strange_images_in_one_folder_are_all_named_at_once(tmp_path: Path) -> None:
    pictures = [strange(number) for number in WITH_EVERY_TEST]
    written(tmp_path, pictures)
    bad = sorted(picture.name for picture in pictures if not picture.good)
    left = load(tmp_path, "skip")
    assert sorted(Path(one.file).name for one in left.bad) == bad
    assert left.size + len(left.bad) == len(pictures) + 1
    for name in (name for name in bad if name.endswith((".txt", ".mp4", ".heic", ".svg")) or "." not in name):
        (tmp_path / "p" / "a" / name).unlink()  # strange by their names, which are told before any file is opened
        bad = [other for other in bad if other != name]
    with pytest.raises(DataError, match=f"{len(bad)} of its entries cannot be used") as caught:
        load(tmp_path)
    assert [name for name in bad if f"a/{name} " not in str(caught.value)] == []
