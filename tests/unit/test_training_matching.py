"""As what task a target is learned, where the config does not say it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnrun.config import load_config
from nnrun.config.config import TargetSpec
from nnrun.training.matching import infer

MANY = np.arange(100).repeat(2)
PIXELS = np.zeros((4, 2, 2), np.uint8)


def guessed(folder: Path, values: Any, loss: str = "", *, named: bool = False) -> Any:
    (folder / "a.yaml").write_text(
        "data: {source: {npz: a.npz}}\nmodel: {layers: [{Dense: 1}]}\n"
        + (f"compile: {{loss: {loss}}}\n" if loss else ""),
        encoding="utf-8",
    )
    config = load_config(folder / "a.yaml")
    return infer(config, "y", values, "y", TargetSpec("y", ("y",)), named=named)[:2]


def test_many_whole_numbers_are_amounts(tmp_path: Path) -> None:
    assert guessed(tmp_path, MANY) == (None, "number")


def test_many_whole_numbers_are_classes_where_the_data_names_them(tmp_path: Path) -> None:
    assert guessed(tmp_path, MANY, named=True) == (None, "classes")


def test_many_whole_numbers_are_classes_where_the_loss_reads_them(tmp_path: Path) -> None:
    assert guessed(tmp_path, MANY, "sparse_categorical_crossentropy") == (None, "classes")


@pytest.mark.parametrize("loss", ["", "sparse_categorical_crossentropy"])
def test_few_whole_numbers_in_pictures_are_a_class_for_each_pixel(loss: str, tmp_path: Path) -> None:
    values = PIXELS.copy()
    values[0] = 1
    assert guessed(tmp_path, values, loss) == ("segmentation", "classes")


def test_pictures_are_amounts_under_a_loss_of_amounts(tmp_path: Path) -> None:
    assert guessed(tmp_path, PIXELS + np.eye(2, dtype=np.uint8), "mse") == ("regression", "number")


def test_steps_are_amounts_until_the_task_is_written(tmp_path: Path) -> None:
    assert guessed(tmp_path, PIXELS[:, 0] + np.eye(4, 2, dtype=np.uint8)) == ("regression", "number")


def test_matching_a_class_for_each_step_is_seen_by_its_loss(tmp_path: Path) -> None:
    """Two axes of whole numbers are several amounts a row, unless the loss reads class numbers."""
    import numpy as np

    from nnrun.config import load_config
    from nnrun.config.config import TargetSpec
    from nnrun.training.matching import infer

    file, tags = tmp_path / "a.yaml", np.arange(12).reshape(3, 4) % 3
    text = "data: {source: {sklearn: digits}, target: tags}\nmodel: {layers: [Flatten]}\n"
    found = []
    for loss in ("mse", "sparse_categorical_crossentropy"):
        file.write_text(f"{text}compile: {{loss: {loss}}}\n", encoding="utf-8")
        found.append(infer(load_config(file), "tags", tags, "tags", TargetSpec("tags", ("tags",)))[:2])
    assert found == [("regression", "number"), ("segmentation", "classes")]
