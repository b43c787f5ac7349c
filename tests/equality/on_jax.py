"""JAX on eight parts of a CPU: every feature that must learn there what it learns on one device.

43 rows train in batches of 16, so that the last one has 11, which eight devices do not part evenly; 13 validate. A
model that is parted has its rows in two parts and its variables in four.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import harness
import numpy as np
import sections
from harness import Row
from sections import CLASSES, CONVOLUTIONS, HOUSES, NUMBERS, PICTURES, TWO_CLASSES, WAVES, WEIGHTED, fit, optimizer

ONE: dict[str, Any] = {**harness.ONE, "backend": "jax"}
SEVERAL: dict[str, Any] = {"backend": "jax", "device": "cpu", "devices": 8, "strategy": "data_parallel"}
TWO: dict[str, Any] = {"devices": 2}

FIT = fit("validation_batch_size: 8", batch_size=16)
SGD = optimizer("SGD: {learning_rate: 0.01, momentum: 0.9, nesterov: true}")
ADAM = optimizer("Adam: 0.01")


def compiled(words: str) -> str:
    """The section `compile` with some more keys; not with Adam, which divides by gradients that are nearly 0."""
    return SGD.replace("}}}", f"}}}}, {words}}}")


WIDE = "model: {layers: [{Dense: {units: 8, activation: tanh}}, {Dense: {units: 4, activation: tanh}}]}\n"
WORDS = "data: {source: {npz: words.npz}, split: {strategy: random, validation: 13, test: 6}}\n"
LSTM = """\
model:
  layers:
    - Embedding: {input_dim: 8, output_dim: 8, mask_zero: true}
    - LSTM: {units: 4, recurrent_dropout: 0.2}
"""
DICE = """\
data: {source: {npz: masks.npz}, split: {validation: 13, test: 6}}
model:
  layers: [{Conv2D: {filters: 4, kernel_size: 3, padding: same, activation: relu}}]
  outputs: {Conv2D: {filters: 1, kernel_size: 1, activation: sigmoid}}
task: segmentation
compile: {optimizer: {SGD: 0.05}, loss: Dice, metrics: [accuracy]}
"""
TWO_OUTPUTS = """\
model:
  layers:
    - Flatten: {from: plan}
    - Dense: {units: 4, activation: relu, name: seen}
    - Dense: {units: 4, activation: relu, from: facts, name: told}
    - Concatenate: {from: [seen, told]}
  outputs:
    price: {Dense: 1}
    sold: {Dense: {units: 1, activation: sigmoid}}
compile:
  optimizer: {SGD: 0.01}
  loss: {price: mse, sold: binary_crossentropy}
  loss_weights: {price: 0.1, sold: 0.5}
  metrics: {price: [mae], sold: [accuracy, AUC]}
"""
NORMALIZED = "model: {layers: [{Dense: 8}, BatchNormalization, {Activation: relu}]}\n"
DROPPING = "model: {layers: [{Dense: {units: 8, activation: relu}}, {Dropout: 0.4}, {GaussianNoise: 0.1}]}\n"
PUNISHED = """\
model:
  layers:
    - Dense:
        {units: 8, activation: tanh, kernel_regularizer: {L2: 0.01}, activity_regularizer: {L2: 0.05},
         kernel_constraint: {MaxNorm: 1.0}}
"""


MANY = CLASSES.replace("rows: 62", "rows: 126") + WIDE + fit("validation_batch_size: 8", 1) + SGD  # 14 steps
# Much of it in one: a state of every kind, and draws.
TOGETHER = (
    CLASSES
    + """\
model:
  layers:
    - Dense: {units: 8, activation: tanh, kernel_regularizer: {L2: 0.01}, activity_regularizer: {L2: 0.05}}
    - BatchNormalization
    - Dropout: 0.2
"""
    + fit(
        "validation_batch_size: 8, class_weight: balanced, callbacks: [{EarlyStopping: {restore_best_weights: true}}]",
        2,
        16,
    )
    + optimizer("Adam: {learning_rate: 0.01, use_ema: true, ema_momentum: 0.9, global_clipnorm: 0.5}")
)


def write_data(folder: Path) -> None:
    """The files that the rows name."""
    sections.write_data(folder)
    draw = np.random.default_rng(1)
    kind = np.arange(62) % 2
    words = draw.integers(1, 4, (62, 6)) + 4 * kind[:, None]
    words[np.arange(6) >= draw.integers(2, 7, (62, 1))] = 0  # zeros at the end are no words
    np.savez(folder / "words.npz", words=words.astype(np.int32), label=kind)


def parted(layout: Mapping[str, list[str | None]], batch: int = 2, model: int = 4) -> dict[str, Any]:
    """The runtime of a model whose variables are parted."""
    return {"strategy": "model_parallel", "mesh": {"batch": batch, "model": model}, "layout": dict(layout)}


KERNELS = parted({"dense.*kernel": [None, "model"]})
IN_FOUR = parted({"lstm.*kernel": [None, "model"], ".*embeddings": [None, "model"]})
CONV = parted({"conv.*/kernel": [None, None, None, "model"], "conv.*/bias": ["model"]})


def both(name: str, config: str, model: Mapping[str, Any] | None = None, **row: Any) -> dict[str, Row]:
    """A feature with its rows parted, and where a layout is given also with its model parted."""
    found = {name: Row(config, **row)}
    if model is not None:
        given = dict(row.pop("several", {})) | dict(model)
        found[f"{name}, model"] = Row(config, several=given, **row)
    return found


# In every run of the tests; the others cost about six seconds of a processor each, most of it to compile.
QUICK = ("much together", "adam, model", "one batch of eight and a rest")

_EVERY: dict[str, Row] = {
    **both("much together", TOGETHER, KERNELS),
    # Optimizers
    "adam, model alone": Row(
        CLASSES + WIDE.replace("units: 4", "units: 8") + FIT + ADAM,
        several=parted({"dense.*kernel": [None, "model"]}, 1, 8),
    ),
    "adam, rows and model along one axis": Row(
        CLASSES + WIDE.replace("units: 4", "units: 8") + FIT + ADAM,
        several={"strategy": "model_parallel", "mesh": {"all": 8}, "layout": {"dense.*kernel": [None, "all"]}},
    ),
    **both("sgd", CLASSES + WIDE + FIT + SGD, KERNELS),
    **both("adam", CLASSES + WIDE + FIT + ADAM, KERNELS),
    **both("sgd on two", CLASSES + WIDE + FIT + SGD, several=TWO),
    **both(
        "schedule",
        CLASSES
        + WIDE
        + FIT
        + optimizer("SGD: {learning_rate: {CosineDecay: {initial_learning_rate: 0.1, decay_steps: 2 epochs}}}"),
    ),
    **both(
        "moving average",
        CLASSES + WIDE + FIT + optimizer("Adam: {learning_rate: 0.01, use_ema: true, ema_momentum: 0.9}"),
        KERNELS,
    ),
    **both(
        "accumulation",
        CLASSES + WIDE + FIT + optimizer("Adam: {learning_rate: 0.01, gradient_accumulation_steps: 2}"),
        KERNELS,
    ),
    **both("clipnorm", CLASSES + WIDE + FIT + optimizer("SGD: {learning_rate: 0.5, clipnorm: 0.1}"), KERNELS),
    **both(
        "global_clipnorm", CLASSES + WIDE + FIT + optimizer("SGD: {learning_rate: 0.5, global_clipnorm: 0.1}"), KERNELS
    ),
    # Weights and metrics
    **both("class weights", CLASSES + WIDE + fit("class_weight: balanced", batch_size=16) + SGD),
    **both(
        "sample weights and weighted metrics",
        WEIGHTED + WIDE + FIT + compiled("weighted_metrics: [accuracy, SparseCategoricalCrossentropy]"),
        KERNELS,
    ),
    **both(
        "mean_with_sample_weight",
        WEIGHTED + WIDE + FIT + compiled("loss: {SparseCategoricalCrossentropy: {reduction: mean_with_sample_weight}}"),
    ),
    **both(
        "metrics",
        TWO_CLASSES + WIDE + FIT + compiled("metrics: [accuracy, AUC, Precision, Recall, F1Score, BalancedAccuracy]"),
        KERNELS,
    ),
    **both(
        "regression",
        NUMBERS + WIDE + FIT + compiled("metrics: [mae, RootMeanSquaredError, R2Score]"),
    ),
    **both("loss over the batch", DICE + FIT, CONV),
    # What ends or steers a training
    **both("validation", CLASSES + WIDE + fit("validation_batch_size: 8, validation_freq: 2", 4, 16) + SGD),
    **both(
        "early stopping",
        CLASSES
        + WIDE
        + fit("callbacks: [{EarlyStopping: {patience: 1, min_delta: 0.1, restore_best_weights: true}}]", 6, 16)
        + SGD,
        KERNELS,
    ),
    **both(
        "plateau",
        CLASSES
        + WIDE
        + fit("callbacks: [{ReduceLROnPlateau: {patience: 1, factor: 0.5, min_delta: 0.5, min_lr: 0.001}}]", 4, 16)
        + optimizer("SGD: 0.05"),
    ),
    **both(
        "checkpoints",
        CLASSES + WIDE + fit("keep: best", 3, 16) + optimizer("SGD: 0.1"),
        KERNELS,
        runtime={"snapshot_every": 0},
    ),
    # Models
    **both("inputs and outputs", HOUSES + TWO_OUTPUTS + FIT, parted({"(seen|told)/kernel": [None, "model"]})),
    **both(
        "normalized",
        CLASSES + NORMALIZED + FIT + SGD,
        parted({"dense/kernel": [None, "model"], "batch_normalization/(gamma|moving_mean)": ["model"]}),
    ),
    **both("dropout", CLASSES + DROPPING + FIT + SGD, KERNELS),
    **both(
        "augmentation",
        PICTURES.replace(", split:", ", augment: [RandomFlip, {GaussianNoise: 0.2}], split:")
        + CONVOLUTIONS
        + FIT
        + SGD,
    ),
    **both(
        "augmentation of series",
        WAVES.replace("  split:", "  augment: [{GaussianNoise: 0.2}]\n  split:")
        + "model: {layers: [Flatten, {Dense: 8}]}\n"
        + FIT
        + SGD,
        KERNELS,
    ),
    **both("words with a mask", WORDS + LSTM + FIT + ADAM, IN_FOUR),
    **both("convolution", PICTURES + CONVOLUTIONS.replace("filters: 3", "filters: 4") + FIT + SGD, CONV),
    **both("punished", CLASSES + PUNISHED + FIT + SGD, KERNELS),
    # The last batch
    **both("one batch of eight and a rest", CLASSES + WIDE + fit("validation_batch_size: 8", 2, 8) + SGD, KERNELS),
    **both(
        "fewer rows than devices",
        CLASSES.replace("rows: 62", "rows: 24") + WIDE + fit("validation_batch_size: 16", 2, 8) + SGD,
    ),
    **both("filled up", CLASSES + WIDE + FIT + SGD, KERNELS, runtime={"remainder": "pad"}),
    **both("dropped", CLASSES + WIDE + FIT + SGD, KERNELS, runtime={"remainder": "drop"}),
    # The runtime
    **both(
        "bfloat16",
        CLASSES + WIDE + FIT + SGD,
        KERNELS,
        runtime={"precision": "mixed_bfloat16"},
        weights=2e-4,
        history=2e-4,
        why="a gradient is rounded to 8 bits on each device, before it is added up",
    ),
    **both(
        "float16",
        CLASSES + WIDE + FIT + SGD,
        KERNELS,
        runtime={"precision": "mixed_float16"},
        weights=5e-5,
        history=5e-5,
        why="a gradient is rounded to 11 bits on each device, before it is added up",
    ),
    **both("streamed", PICTURES + CONVOLUTIONS + FIT + SGD, runtime={"stream": True}),
    **both(
        "streamed numbers",
        WAVES + "model: {layers: [Flatten, {Dense: 8}]}\n" + FIT + SGD,
        KERNELS,
        runtime={"stream": True},
    ),
    **both("eager", CLASSES + WIDE + fit("steps_per_epoch: 2", 1, 16) + SGD, runtime={"run_eagerly": True}),
    **both("jit_compile", CLASSES + WIDE + FIT + compiled("jit_compile: true")),
    **both("single steps", MANY, KERNELS, runtime={"steps_per_execution": 1}),
    **both("seven steps", MANY, KERNELS, runtime={"steps_per_execution": 7}),
    **both("steps as it likes", MANY, KERNELS),
    **both("folds", CLASSES + WIDE + FIT + SGD + "cv: {folds: 3}\n", KERNELS, verb="cross_validate"),
}
ROWS = {name: replace(row, nightly=name not in QUICK) for name, row in _EVERY.items()}
