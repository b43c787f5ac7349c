"""What would go wrong on TensorFlow's replicas starts no training: an error with its place and its remedy."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest
import sections
from sections import CLASSES, DENSE, FIT, NUMBERS, PICTURES, TWO_CLASSES, fit, optimizer

import nnrun
from nnrun.errors import NnrunError

MIRRORED = "runtime: {device: cpu, devices: 2, strategy: mirrored"
WORDS = "data: {source: {npz: words.npz}, split: {validation: 13, test: 6}}\ntask: segmentation\n"  # a class for each


def layers(*names: str, data: str = CLASSES) -> str:
    """A config with such layers."""
    return data + f"model: {{layers: [{', '.join(names)}]}}\n" + FIT


def loss(written: str, data: str = TWO_CLASSES) -> str:
    """A config with such a loss."""
    return data + DENSE + FIT + f"compile: {{loss: {written}}}\n"


# A config, what else its runtime says, and a word of the remedy.
REFUSED: dict[str, tuple[str, str, str]] = {
    "accumulation": (CLASSES + DENSE + FIT + optimizer("Adam: {gradient_accumulation_steps: 2}"), "", "backend: jax"),
    "clipnorm": (CLASSES + DENSE + FIT + optimizer("SGD: {clipnorm: 1.0}"), "", "backend: jax"),
    "clipvalue": (CLASSES + DENSE + FIT + optimizer("SGD: {clipvalue: 1.0}"), "", "backend: jax"),
    "global_clipnorm": (CLASSES + DENSE + FIT + optimizer("SGD: {global_clipnorm: 1.0}"), "", "backend: jax"),
    "averages in the place of weights": (
        CLASSES + DENSE + FIT + optimizer("SGD: {use_ema: true, ema_overwrite_frequency: 4}"),
        "",
        "backend: jax",
    ),
    "jit_compile": (CLASSES + DENSE + FIT + "compile: {jit_compile: true}\n", "", "leave it out"),
    "mixed_float16": (CLASSES + DENSE + FIT, ", precision: mixed_float16", "mixed_bfloat16"),
    "batch normalization": (layers("{Dense: 4}", "BatchNormalization"), ", remainder: drop", "synchronized: true"),
    "padded batch normalization": (
        layers("{Dense: 4}", "{BatchNormalization: {synchronized: true}}"),
        ", remainder: pad",
        "drop",
    ),
    "dropout": (layers("{Dense: 4}", "{Dropout: 0.5}"), "", "backend: jax"),
    "noise": (layers("{GaussianNoise: 0.5}", "{Dense: 4}"), "", "backend: jax"),
    "recurrent dropout": (
        layers("{LSTM: {units: 3, recurrent_dropout: 0.2}}", data=sections.WAVES),
        "",
        "backend: jax",
    ),
    "augmentation layer": (layers("{RandomFlip: horizontal}", "Flatten", data=PICTURES), "", "backend: jax"),
    "augment": (
        layers("Flatten", data=PICTURES.replace("npz}", "npz}, augment: [{GaussianNoise: 0.1}]")),
        "",
        "backend: jax",
    ),
    "mean_with_sample_weight": (loss("{BinaryCrossentropy: {reduction: mean_with_sample_weight}}"), "", "backend: jax"),
    "dice": (loss("Dice", data=PICTURES), "", "backend: jax"),
    "mask": (layers("{Embedding: {input_dim: 9, output_dim: 3, mask_zero: true}}", data=WORDS), "", "backend: jax"),
    "masking": (
        layers("{Reshape: [6, 1]}", "Masking", "{LSTM: {units: 3, return_sequences: true}}", data=WORDS),
        "",
        "jax",
    ),
    "activity regularizer": (
        layers("{Dense: {units: 4, activity_regularizer: {L2: 0.1}}}", data=NUMBERS),
        "",
        "backend: jax",
    ),
    "batch size": (CLASSES + DENSE + fit("shuffle: true", batch_size=7), "", "batch_size: 8"),
    "validation batch size": (CLASSES + DENSE + fit("validation_batch_size: 5"), "", "validation_batch_size: 6"),
}


@pytest.fixture
def table(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data of the rows, and a framework that nobody may load."""
    from nnrun.model import framework

    @cache
    def loaded() -> NoReturn:
        raise AssertionError("Keras was loaded for a config that is refused")

    sections.write_data(folder)
    monkeypatch.setattr(framework, "keras", loaded)
    return folder


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("verb", ["train", "cross_validate"])
def test_no_training_starts(name: str, verb: str, table: Path) -> None:
    config, more, remedy = REFUSED[name]
    path = table / "refused.yaml"
    path.write_text(f"{config}{MIRRORED}{more}}}\n")
    with pytest.raises(NnrunError) as caught:
        getattr(nnrun, verb)(path, runs=table / "runs")
    assert caught.value.exit_code == 2
    problem = caught.value.problems[0]
    assert problem.where is not None
    assert problem.where.line
    assert remedy in problem.hint
    assert not (table / "runs").exists()


@pytest.mark.parametrize("name", REFUSED)
def test_one_device_is_not_refused(name: str, table: Path) -> None:
    """What refuses them is the replicas: without them the same config is checked without a word."""
    path = table / "allowed.yaml"
    path.write_text(REFUSED[name][0])
    assert _checked(path).name == "allowed"


def _checked(path: Path) -> Any:
    from nnrun import experiment

    return experiment.load(path)
