"""A part of its own holds rows that stand nowhere else."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from nnrun.data.combine import combine
from nnrun.data.dataset import Dataset
from nnrun.data.sources.csv import csv
from nnrun.errors import DataError


@pytest.fixture
def houses(tmp_path: Path) -> Dataset:
    (tmp_path / "houses.csv").write_text("area,price\n1,2\n3,4\n")
    (tmp_path / "others.csv").write_text("area,price\n1,2\n3,5\n")
    return csv(tmp_path / "houses.csv")


@pytest.mark.parametrize("part", ["test", "validation"])
def test_combine_refuses_the_file_of_the_source_as_a_part(houses: Dataset, tmp_path: Path, part: str) -> None:
    (tmp_path / "link.csv").symlink_to("houses.csv")
    shutil.copyfile(tmp_path / "houses.csv", tmp_path / "copy.csv")
    for name in ("houses.csv", "link.csv", "copy.csv"):
        with pytest.raises(DataError) as caught:
            combine(houses, {part: csv(tmp_path / name)})
        assert str(caught.value).splitlines()[0] == (f"`data.{part}` is the same file as the source: {tmp_path / name}")


def test_combine_refuses_one_file_for_two_parts(houses: Dataset, tmp_path: Path) -> None:
    others = csv(tmp_path / "others.csv")
    with pytest.raises(DataError, match=r"`data\.validation` is the same file as the test part"):
        combine(houses, {"test": others, "validation": others})


def test_combine_takes_another_file_of_the_same_size(houses: Dataset, tmp_path: Path) -> None:
    made = combine(houses, {"test": csv(tmp_path / "others.csv")})
    assert (made.size, made.parts["test"].tolist()) == (4, [2, 3])


def test_combine_a_part_without_a_class_takes_the_numbers_of_the_source() -> None:
    def pictures(names: tuple[str, ...]) -> Dataset:
        numbers = np.arange(len(names))
        image = np.full((len(names), 2), len(names))
        return Dataset(
            len(names), arrays={"image": image}, targets={"label": numbers}, classes={"label": names}, target="label"
        )

    both = combine(pictures(("cat", "dog", "eel")), {"test": pictures(("dog", "eel"))})
    assert both.targets["label"].tolist() == [0, 1, 2, 1, 2]
    with pytest.raises(DataError, match="other classes of 'label'"):
        combine(pictures(("cat", "dog")), {"test": pictures(("dog", "eel"))})
