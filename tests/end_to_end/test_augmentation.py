"""`data.augment` from a config to a run: training rows alone, with their masks, and never in the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny
from commandline import Nnrun

from nnrun.model import framework

STILL = """\
data:
  source: {sklearn: digits}
  augment: AUGMENT
model:
  layers: [Flatten]
compile: {optimizer: {SGD: 0.0}}
fit: {epochs: 2, batch_size: 200}
"""
FLIPS = """\
data:
  source: {npz: pairs.npz}
  target: TARGET
  split: {validation: 0.2, test: 0}
  augment: [RandomFlip, {RandomRotation: {factor: 0.4, interpolation: nearest}}]
model:
  layers: LAYERS
  outputs: OUTPUT
compile: {optimizer: {SGD: 0.0}, METRICS}
fit: {epochs: 2, batch_size: 8}
report: {figures: []}
"""
ONES = "Conv2D: {filters: 1, kernel_size: 1, kernel_initializer: ones, use_bias: false}"
BRIGHT = (
    "Conv2D: {filters: 2, kernel_size: 1, kernel_initializer: {Constant: [-9.0, 9.0]}, "
    "bias_initializer: {Constant: [4.5, -4.5]}, activation: softmax}"
)


def write(folder: Path, text: str, **words: str) -> Path:
    """The config; the words in capitals stand for what a test tries."""
    for word, value in words.items():
        text = text.replace(word, value)
    path = folder / "augmented.yaml"
    path.write_text(text)
    return path


def pairs(folder: Path, target: str) -> None:
    """Pictures, each with itself, with a mask of its bright places, or with a label."""
    pictures = np.random.default_rng(3).uniform(0, 1, (60, 8, 8, 1)).astype(np.float32)
    targets = {
        "clean": pictures,
        "mask": (pictures[..., 0] > 0.5).astype(np.int32),
        "label": np.array(["a", "b", "c"] * 20),
    }
    np.savez(folder / "pairs.npz", image=pictures, **{target: targets[target]})  # type: ignore[arg-type]


def test_augmentation_never_changes_held_out_rows(nnrun: Nnrun, folder: Path) -> None:
    """At a learning rate of zero nothing is learned: what differs is what the rows were made to."""
    plain = nnrun("train", write(folder, STILL, AUGMENT="[]"), "-q").run
    noisy = nnrun("train", write(folder, STILL, AUGMENT="[{RandomInvert: 1.0}, {GaussianNoise: 1.0}]"), "-q").run
    first, second = tiny.history(plain), tiny.history(noisy)
    assert [row["val_loss"] for row in first] == [row["val_loss"] for row in second]
    assert abs(float(second[0]["loss"]) - float(first[0]["loss"])) > 0.1
    assert second[0]["loss"] != second[1]["loss"]  # each epoch draws anew
    kept = [tiny.read_json(run / "metrics.json") for run in (plain, noisy)]
    assert kept[0]["validation"] == kept[1]["validation"]
    assert kept[0]["test"] == kept[1]["test"]
    assert (plain / "predictions.csv").read_bytes() == (noisy / "predictions.csv").read_bytes()


def test_augmentation_is_no_part_of_the_model_and_is_drawn_in_a_figure(nnrun: Nnrun, folder: Path) -> None:
    run = nnrun("train", write(folder, STILL, AUGMENT="[RandomFlip, {TimeShift: 0.2}]"), "-q").run
    model = framework.keras().saving.load_model(run / "model.keras")
    assert [type(layer).__name__ for layer in model.layers] == ["Flatten", "Dense"]
    with np.load(run / "probe.npz") as seen:
        assert seen["augmented/image"].shape == (8, 6, 8, 8, 1)
        rows = seen["augmented_rows"]
    with np.load(run / "splits.npz") as parts:
        assert set(rows.tolist()) <= set(parts["train"].tolist())
    assert (run / "figures" / "augmentation.png").stat().st_size > 5000


def test_augmentation_is_the_same_from_the_resolved_config(nnrun: Nnrun, folder: Path) -> None:
    text = STILL.replace("SGD: 0.0", "SGD: 0.1")
    augment = "{image: [{RandomBrightness: 0.3}, {GaussianNoise: 0.1}]}"
    first = nnrun("train", write(folder, text, AUGMENT=augment), "-q").run
    resolved = (first / "resolved.yaml").read_text()
    assert "value_range: [0.0, 1.0]" in resolved  # what was chosen is written out
    (folder / "again.yaml").write_text(resolved)
    again = nnrun("train", "again.yaml", "-q").run
    assert tiny.history(first) == tiny.history(again)
    other = nnrun("train", "again.yaml", "--seed", "1", "-q").run
    assert tiny.history(first) != tiny.history(other)


@pytest.mark.parametrize("target", ["clean", "mask"])
def test_augmentation_moves_pictures_and_masks_among_the_targets(target: str, nnrun: Nnrun, folder: Path) -> None:
    """A model that is right about every pixel stays so where both are moved alike, and only there."""
    pairs(folder, target)
    words = {"TARGET": target, "LAYERS": "[{Activation: linear}]", "METRICS": "metrics: []"}
    if target == "clean":
        path = write(folder, FLIPS, OUTPUT="{" + ONES + "}", **words)
    else:
        path = write(folder, FLIPS, OUTPUT="{" + BRIGHT + "}", **{**words, "METRICS": "metrics: [accuracy]"})
    trained = nnrun("train", path, "-q")
    assert trained.code == 0, trained.err
    last = tiny.history(trained.run)[-1]
    if target == "clean":
        assert float(last["loss"]) < 1e-12
    else:
        assert float(last["accuracy"]) == 1.0


def test_augmentation_refuses_values_that_a_layer_would_cut_off(nnrun: Nnrun, folder: Path) -> None:
    numbers = np.random.default_rng(3)
    np.savez(folder / "bytes.npz", x=numbers.uniform(0, 255, (40, 8, 8, 1)), y=numbers.integers(0, 2, 40))
    text = STILL.replace("{sklearn: digits}", "{npz: bytes.npz}")
    refused = nnrun("train", write(folder, text, AUGMENT="[{RandomContrast: 0.3}]"))
    assert refused.code == 2
    assert "RandomContrast takes values from 0 to 1, and those of x go from 0." in refused.err
    assert (
        nnrun("train", write(folder, text, AUGMENT="[{RandomContrast: {factor: 0.3, value_range: [0, 255]}}]")).code
        == 0
    )


def test_augmentation_refuses_to_mix_classes_that_only_the_data_tells(nnrun: Nnrun, folder: Path) -> None:
    pairs(folder, "label")
    text = STILL.replace("{sklearn: digits}", "{npz: pairs.npz}\n  target: TARGET")
    refused = nnrun("train", write(folder, text, AUGMENT="[MixUp]", TARGET="label"))
    assert refused.code == 2
    assert "MixUp mixes the classes of rows, and the target 'label' is class numbers" in refused.err
    mended = nnrun("train", write(folder, text, AUGMENT="[MixUp, CutMix]", TARGET="{one_hot: label}"))
    assert mended.code == 0, mended.err


CROPS = """\
data:
  source: {npz: pairs.npz}
  target: high
  split: {validation: 0.2, test: 0}
  augment: [{RandomCrop: {height: 4, width: 4}}, RandomRotate90, RandomFlip]
model:
  inputs: {low: INPUT}
  layers: [{UpSampling2D: 2}]
  outputs: {Conv2D: {filters: 1, kernel_size: 1, kernel_initializer: KERNEL}}
compile: {optimizer: {SGD: RATE}}
fit: {epochs: EPOCHS, batch_size: 8}
report: {figures: []}
"""


def crops(folder: Path) -> None:
    low = np.random.default_rng(3).uniform(0, 1, (40, 8, 6, 1)).astype(np.float32)
    np.savez(folder / "pairs.npz", low=low, high=low.repeat(2, axis=1).repeat(2, axis=2))


@pytest.mark.parametrize(("size", "held_out"), [("[4, 4, 1]", (8, 8)), ("[null, null, 1]", (16, 12))])
def test_augmentation_crops_pairs_of_pictures_alike(
    size: str, held_out: tuple[int, int], nnrun: Nnrun, folder: Path
) -> None:
    """Right about every pixel in training and behind it; held-out pictures are whole where the model takes any."""
    crops(folder)
    path = write(folder, CROPS, INPUT=size, KERNEL="ones", RATE="0.0", EPOCHS="1")
    trained = nnrun("train", path, "-q")
    assert trained.code == 0, trained.err
    (row,) = tiny.history(trained.run)
    assert float(row["loss"]) < 1e-12
    assert float(row["val_loss"]) < 1e-12
    with np.load(trained.run / "predictions.npz") as found:
        assert {found[name].shape[1:3] for name in found.files if found[name].ndim == 4} == {held_out}
    assert nnrun("predict", trained.run, "--data", "pairs.npz", "--output", "new.npz").code == 0
    with np.load(folder / "new.npz") as new:
        assert {new[name].shape[:3] for name in new.files if new[name].ndim == 4} == {(40, *held_out)}


@pytest.mark.nightly
def test_augmentation_crops_are_drawn_again_by_a_resumed_run(nnrun: Nnrun, folder: Path) -> None:
    crops(folder)
    words = {"INPUT": "[4, 4, 1]", "KERNEL": "zeros", "RATE": "0.1"}
    whole = nnrun("train", write(folder, CROPS, **words, EPOCHS="4"), "-q", "--name", "whole").run
    part = nnrun("train", write(folder, CROPS, **words, EPOCHS="2"), "-q", "--name", "part").run
    assert nnrun("resume", str(part), "-q", "-s", "fit.epochs=4").code == 0
    assert tiny.history(part) == tiny.history(whole)


def test_augmentation_refuses_to_crop_a_target_that_is_no_multiple(nnrun: Nnrun, folder: Path) -> None:
    low = np.zeros((20, 8, 6, 1), np.float32)
    np.savez(folder / "pairs.npz", low=low, high=np.zeros((20, 12, 12, 1), np.float32))
    refused = nnrun("train", write(folder, CROPS, INPUT="[4, 4, 1]", KERNEL="ones", RATE="0.0", EPOCHS="1"))
    assert refused.code == 2
    assert "RandomCrop cuts pictures of 8x6, and the target 'high' is 12x12, which is no whole multiple" in refused.err
