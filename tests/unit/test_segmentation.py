"""A class for every pixel or step: how the target is read, and a small training from masks to scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commandline import Nnrun

from nnrun.data.maps import classes_everywhere
from nnrun.data.target import Target
from nnrun.errors import DataError

TRIMAPS = np.array([[[1, 2], [3, 3]], [[1, 1], [2, 3]], [[3, 2], [1, 1]]], np.uint8)
ROWS = np.arange(3)


def fitted(values: Any = TRIMAPS, rows: Any = ROWS, **others: Any) -> Target:
    return Target.fit("mask", values, rows, "classes", everywhere=True, **others)


def test_segmentation_numbers_of_any_kind_become_class_numbers_from_0() -> None:
    numbers = fitted().apply(TRIMAPS)
    assert (numbers + 1).tolist() == TRIMAPS.tolist()
    assert (numbers.dtype, numbers.shape) == (np.uint8, TRIMAPS.shape)
    far = TRIMAPS.astype(np.int64) * 100
    assert fitted(far).apply(far).tolist() == numbers.tolist()
    assert fitted(far // -20).classes == ("-15", "-10", "-5")


def test_segmentation_classes_may_be_named_by_the_source() -> None:
    target = fitted(TRIMAPS, classes=("nothing", "pet", "border", "ground"))
    assert (target.num_classes, target.apply(TRIMAPS).max()) == (4, 3)


def test_segmentation_target_is_saved_and_loaded() -> None:
    assert Target.load(json.loads(json.dumps(fitted().save_data()))) == fitted()


def test_segmentation_class_that_no_training_row_has_is_told() -> None:
    target = fitted(rows=ROWS[:2])
    with pytest.raises(DataError, match="holds the class 9, and no training row has it"):
        target.apply(np.full((1, 2, 2), 9, np.uint8))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (TRIMAPS.astype(np.float32), "'mask' holds float32"),
        (np.array([[[0, 10**9]]]), "'mask' holds numbers from 0 to 1,000,000,000"),
        (np.ones((3, 2, 2), np.uint8), "'mask' has one class only in the 3 training rows: 1"),
    ],
)
def test_segmentation_values_that_are_no_classes_are_refused(values: Any, told: str) -> None:
    with pytest.raises(DataError, match=told):
        fitted(values, np.arange(len(values)))


def test_segmentation_is_guessed_from_few_whole_numbers() -> None:
    assert classes_everywhere(TRIMAPS) == "one of 3 whole numbers at every pixel"
    assert classes_everywhere(TRIMAPS.astype(np.float32)) == ""
    assert classes_everywhere(np.arange(256, dtype=np.uint8).reshape(1, 16, 16)) == ""


@pytest.fixture
def masks(folder: Path) -> Path:
    """Bright and dark pixels of noise, and which are which; the mask holds 1 and 2."""
    image = np.random.default_rng(0).integers(0, 256, (24, 6, 6, 1), dtype=np.uint8)
    mask = 1 + (image > 200).astype(np.uint8)
    np.savez(folder / "masks.npz", image=image, mask=mask)
    np.savez(folder / "steps.npz", x=image[:, :, :, 0].astype(np.float32) / 255, tag=1 + (image[:, :, 0, 0] > 200))
    return folder


def trained(nnrun: Nnrun, folder: Path, text: str) -> tuple[Path, dict[str, Any]]:
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    done = nnrun("train", "a.yaml", "-q", "--name", "a")
    assert done.code == 0, done.err
    return folder / "runs" / "a", json.loads((folder / "runs" / "a" / "metrics.json").read_text())


def test_segmentation_trains_with_weights_for_the_classes_and_scores_pixels(nnrun: Nnrun, masks: Path) -> None:
    run, metrics = trained(
        nnrun,
        masks,
        "data: {source: {npz: masks.npz}, target: mask, split: {validation: 4, test: 4}}\n"
        "model: {layers: [{Conv2D: {filters: 8, kernel_size: 1, activation: relu}}]}\n"
        "compile: {optimizer: {Adam: 0.05}, metrics: [accuracy, {F1Score: {average: macro}}]}\n"
        "fit: {epochs: 30, batch_size: 4, class_weight: balanced}\n",
    )
    assert json.loads((run / "run.json").read_text())["task"]["mask"] == {
        "task": "segmentation",
        "classes": ["1", "2"],
    }
    assert metrics["test"]["accuracy"] > 0.9 > metrics["floor"]["test"]["majority"]["accuracy"]
    assert metrics["test"]["f1_score"] > 0.85
    with np.load(run / "predictions.npz") as stored:
        assert {name: array.shape for name, array in stored.items()} == {
            "validation/0/mask": (4, 6, 6, 2),
            "test/0/mask": (4, 6, 6, 2),
        }


def test_segmentation_of_two_classes_may_be_one_channel(nnrun: Nnrun, masks: Path) -> None:
    _, metrics = trained(
        nnrun,
        masks,
        "data: {source: {npz: masks.npz}, target: mask, split: {validation: 4}}\n"
        "model: {layers: [{Conv2D: {filters: 8, kernel_size: 1, activation: relu}}],\n"
        "  outputs: {Conv2D: {filters: 1, kernel_size: 1, activation: sigmoid}}}\n"
        "compile: {optimizer: {Adam: 0.05}}\n"
        "fit: {epochs: 30, batch_size: 4}\n",
    )
    assert metrics["validation"]["accuracy"] > 0.9


def test_segmentation_of_steps_is_asked_for(nnrun: Nnrun, masks: Path) -> None:
    run, metrics = trained(
        nnrun,
        masks,
        "data: {source: {npz: steps.npz}, target: tag, split: {validation: 4}}\n"
        "task: segmentation\n"
        "model: {layers: [{Dense: {units: 8, activation: relu}}]}\n"
        "compile: {optimizer: {Adam: 0.05}}\n"
        "fit: {epochs: 2, batch_size: 4}\n",
    )
    assert set(metrics["validation"]) == {"loss", "accuracy"}
    with np.load(run / "predictions.npz") as stored:
        assert stored["validation/0/tag"].shape == (4, 6, 2)


def test_segmentation_with_too_few_channels_is_refused(nnrun: Nnrun, masks: Path) -> None:
    (masks / "a.yaml").write_text(
        "data: {source: {npz: masks.npz}, target: mask}\n"
        "task: segmentation\n"
        "model: {layers: [Flatten, {Reshape: [6, 6, 1]}], outputs: {Conv2D: {filters: 1, kernel_size: 1}}}\n"
        "compile: {loss: {SparseCategoricalCrossentropy: {from_logits: true}}}\n",
        encoding="utf-8",
    )
    done = nnrun("train", "a.yaml", "-q")
    assert (done.code, "the output 'mask' has 1 unit for 2 classes" in done.err) == (2, True)


def test_segmentation_of_one_class_a_row_is_refused(nnrun: Nnrun, folder: Path) -> None:
    (folder / "a.yaml").write_text(
        "data: {source: {sklearn: iris}}\ntask: segmentation\nmodel: {layers: [{Dense: 4}]}\n", encoding="utf-8"
    )
    done = nnrun("train", "a.yaml", "-q")
    told = "a.yaml:2:7: the task segmentation wants a class at every pixel or step; 'target' has one for each row"
    assert (done.code, told in done.err) == (3, True)
