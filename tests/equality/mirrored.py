"""TensorFlow's replicas: every feature that must learn on two parts of a CPU what it learns on one device.

43 rows train in batches of 8, so that the last one has 3; 13 validate in batches of 8, so that the last one has 5.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from harness import Row

from nnrun import catalogue

SEVERAL: dict[str, Any] = {"device": "cpu", "devices": 2, "strategy": "mirrored"}
PAD = {"remainder": "pad"}
DROP = {"remainder": "drop"}
ALONE: dict[str, Any] = {"devices": 1, "strategy": "one"}

CLASSES = """\
data:
  source: {synthetic: {make: classification, rows: 62, features: 6, classes: 3}}
  split: {strategy: random, validation: 13, test: 6}
"""
TWO_CLASSES = CLASSES.replace("classes: 3", "classes: 2")
NUMBERS = """\
data:
  source: {synthetic: {make: friedman, rows: 62, features: 6}}
  target: {columns: target, steps: [normalize]}
  split: {validation: 13, test: 6}
"""
WEIGHTED = "data: {source: {csv: table.csv}, target: kind, weight: share, split: {strategy: random, validation: 13, test: 6}}\n"
PICTURES = "data: {source: {npz: pictures.npz}, split: {strategy: random, validation: 13, test: 6}}\n"
HOUSES = "data: {source: {npz: houses.npz}, target: [price, sold], split: {validation: 13, test: 6}}\n"
WORDS = """\
data: {source: {npz: sentences.npz}, split: {validation: 13, test: 6}}
"""
SOLD = "data: {source: {npz: sold.npz}, target: sold, split: {validation: 13, test: 6}}\n"
WAVES = """\
data:
  source: {sine: {rows: 70, periods: [9]}}
  windows: {length: 5, horizon: 1}
  split: {validation: 13, test: 6}
"""

DENSE = "model: {layers: [{Dense: {units: 4, activation: tanh}}]}\n"
CONVOLUTIONS = """\
model:
  layers:
    - Conv2D: {filters: 3, kernel_size: 3, activation: relu}
    - MaxPooling2D
    - Flatten
"""
TWO_TOWERS = """\
model:
  layers:
    - Flatten: {from: plan}
    - Dense: {units: 3, activation: relu, name: seen}
    - Dense: {units: 3, activation: relu, from: facts, name: told}
    - Concatenate: {from: [seen, told]}
  outputs:
    price: {Dense: 1}
    sold: {Dense: {units: 1, activation: sigmoid}}
"""
FIT = "fit: {epochs: 2, batch_size: 8}\n"


def fit(words: str, epochs: int = 2, batch_size: int = 8) -> str:
    """The section `fit` with some more keys."""
    return f"fit: {{epochs: {epochs}, batch_size: {batch_size}, {words}}}\n"


def optimizer(written: str) -> str:
    """The section `compile` with an optimizer."""
    return f"compile: {{optimizer: {{{written}}}}}\n"


SGD = optimizer("SGD: {learning_rate: 0.05, momentum: 0.9, nesterov: true}")

ROWS: dict[str, Row] = {
    # Optimizers and schedules
    "sgd": Row(CLASSES + DENSE + FIT + SGD, PAD),
    "adam": Row(CLASSES + DENSE + FIT + optimizer("Adam: 0.01"), PAD, nightly=True),
    "schedule and moving average": Row(
        CLASSES
        + DENSE
        + FIT
        + """\
compile:
  optimizer:
    Adam:
      learning_rate: {CosineDecay: {initial_learning_rate: 0.02, decay_steps: 2 epochs}}
      use_ema: true
      ema_momentum: 0.9
""",
        PAD,
    ),
    "averages swapped": Row(
        CLASSES
        + DENSE
        + fit("callbacks: [SwapEMAWeights]")
        + optimizer("Adam: {learning_rate: 0.01, use_ema: true, ema_momentum: 0.9}"),
        PAD,
        nightly=True,
    ),
    # Weights and metrics
    "class weights": Row(CLASSES + DENSE + fit("class_weight: balanced"), PAD, nightly=True),
    "metrics": Row(
        TWO_CLASSES
        + DENSE
        + FIT
        + "compile: {metrics: [accuracy, AUC, Precision, Recall, F1Score, BalancedAccuracy, AveragePrecision]}\n",
        PAD,
    ),
    "metrics by class": Row(
        CLASSES
        + DENSE
        + FIT
        + "compile: {metrics: [accuracy, {F1Score: {average: null}}, {MeanIoU: {num_classes: 3, sparse_y_pred: false}},"
        " {TopKCategoricalAccuracy: {k: 2}}]}\n".replace("TopK", "SparseTopK"),
        PAD,
        nightly=True,
    ),
    "weights of rows and weighted metrics": Row(
        WEIGHTED
        + DENSE
        + fit("class_weight: balanced")
        + "compile: {metrics: [accuracy], weighted_metrics: [accuracy, SparseCategoricalCrossentropy]}\n",
        PAD,
    ),
    "sampling and a threshold": Row(
        TWO_CLASSES
        + DENSE
        + fit("sampling: over")
        + "compile: {metrics: [accuracy, F1Score]}\npredict: {threshold: {maximize: f1}}\n",
        PAD,
        nightly=True,
    ),
    "losses of our own": Row(
        TWO_CLASSES + DENSE + FIT + "compile: {loss: {BinaryFocalCrossentropy: {gamma: 2.0, label_smoothing: 0.1}}}\n",
        PAD,
        nightly=True,
    ),
    # What ends or steers a training
    "early stopping": Row(
        CLASSES
        + DENSE
        + fit("callbacks: [{EarlyStopping: {patience: 1, min_delta: 0.1, restore_best_weights: true}}]", epochs=6)
        + SGD,
        PAD,
    ),
    "plateau": Row(
        CLASSES
        + DENSE
        + fit("callbacks: [{ReduceLROnPlateau: {patience: 1, factor: 0.5, min_delta: 0.5, min_lr: 0.001}}]", epochs=4)
        + optimizer("SGD: 0.05"),
        PAD,
        nightly=True,
    ),
    "keep best": Row(CLASSES + DENSE + fit("keep: best", batch_size=24) + optimizer("Adam: 0.5"), PAD, nightly=True),
    "initial epoch": Row(CLASSES + DENSE + fit("initial_epoch: 1", epochs=3), PAD, nightly=True),
    "fewer steps": Row(CLASSES + DENSE + fit("steps_per_epoch: 3, validation_steps: 1"), PAD, nightly=True),
    "validation now and then": Row(CLASSES + DENSE + fit("validation_freq: 2", epochs=3), PAD, nightly=True),
    "validation batches": Row(CLASSES + DENSE + fit("validation_batch_size: 12"), PAD, nightly=True),
    "no validation": Row(CLASSES.replace("validation: 13", "validation: 0") + DENSE + FIT, PAD, nightly=True),
    # The remainder
    "one row left": Row(CLASSES.replace("rows: 62", "rows: 60") + DENSE + FIT + SGD, PAD),
    "fewer rows than a batch": Row(CLASSES + DENSE + fit("validation_batch_size: 64", batch_size=64) + SGD, PAD),
    "nothing left": Row(CLASSES.replace("rows: 62", "rows: 59") + DENSE + FIT + SGD, PAD, nightly=True),
    "dropped": Row(CLASSES + DENSE + FIT + SGD, DROP),
    "in order": Row(CLASSES + DENSE + fit("shuffle: false"), PAD, nightly=True),
    # Models
    "normalized": Row(
        CLASSES
        + "model: {layers: [{Dense: 4}, {BatchNormalization: {synchronized: true}}, {Activation: relu}]}\n"
        + FIT
        + SGD,
        DROP,
    ),
    "regularized": Row(
        CLASSES + "model: {layers: [{Dense: {units: 4, kernel_regularizer: {L2: 0.01}, bias_regularizer: {L1: 0.01},"
        " kernel_constraint: {MaxNorm: 1.0}}}]}\n" + FIT,
        PAD,
        nightly=True,
    ),
    "summed loss": Row(
        NUMBERS + DENSE + FIT + "compile: {optimizer: {SGD: 0.002}, loss: {MeanSquaredError: {reduction: sum}}}\n", PAD
    ),
    "losses with different reductions": Row(
        HOUSES
        + TWO_TOWERS
        + """\
compile:
  optimizer: {SGD: 0.002}
  loss: {price: {MeanSquaredError: {reduction: sum}}, sold: binary_crossentropy}
  loss_weights: {price: 0.1, sold: 0.5}
"""
        + FIT,
        PAD,
        nightly=True,
    ),
    "layer normalization": Row(
        CLASSES + "model: {layers: [{Dense: 4}, LayerNormalization, {Activation: gelu}]}\n" + FIT, PAD, nightly=True
    ),
    "convolution": Row(PICTURES + CONVOLUTIONS + FIT, PAD, nightly=True),
    "shared layer": Row(
        SOLD
        + """\
model:
  layers:
    - Flatten: {from: plan}
    - Dense: {units: 3, activation: tanh}
    - Dense: {units: 3, activation: tanh, name: shared}
    - shared: {from: facts, name: again}
    - Add: {from: [shared, again]}
"""
        + FIT,
        PAD,
        nightly=True,
    ),
    "loss of the graph": Row(
        SOLD
        + """\
model:
  layers:
    - Flatten: {from: plan}
    - Dense: {units: 3, activation: tanh, name: seen}
    - Dense: {units: 3, activation: tanh, from: facts, name: told}
    - squared_distance: {from: [seen, told], name: distance}
    - Concatenate: {from: [seen, told]}
  losses: {apart: distance}
compile: {optimizer: {SGD: 0.05}, loss_weights: {apart: 0.2}}
"""
        + FIT,
        PAD,
        nightly=True,
    ),
    "attention": Row(
        WAVES
        + """\
model:
  layers:
    - Dense: {units: 4, name: steps}
    - MultiHeadAttention: {num_heads: 2, key_dim: 2, from: [steps, steps]}
    - GlobalAveragePooling1D
"""
        + fit("steps_per_epoch: 4", epochs=1)
        + SGD,
        PAD,
        nightly=True,
    ),
    "a mask that ends before the loss": Row(
        WORDS
        + """\
model: {layers: [{Embedding: {input_dim: 9, output_dim: 3, mask_zero: true}}, {LSTM: 3}]}
"""
        + FIT,
        PAD,
        nightly=True,
    ),
    "a frozen layer": Row(
        CLASSES
        + "model: {layers: [{Dense: {units: 6, trainable: false}}, {Dense: {units: 4, activation: relu}}]}\n"
        + FIT,
        PAD,
        nightly=True,
    ),
    "an output without a target": Row(
        SOLD
        + TWO_TOWERS.partition("  outputs:")[0]
        + "  outputs: {sold: {Dense: {units: 1, activation: sigmoid}}, seen: seen}\n"
        + FIT,
        PAD,
        nightly=True,
    ),
    "smoothed labels": Row(
        CLASSES.replace("  split", "  target: {one_hot: target}\n  split")
        + DENSE
        + FIT
        + "compile: {loss: {CategoricalCrossentropy: {label_smoothing: 0.1}}, metrics: [accuracy, TopKCategoricalAccuracy]}\n",
        PAD,
        nightly=True,
    ),
    "a sum of losses": Row(
        NUMBERS
        + DENSE
        + FIT
        + "compile: {optimizer: {SGD: 0.05}, loss: {Sum: {losses: [mse, Huber], weights: [0.5, 1.0]}}}\n",
        PAD,
        nightly=True,
    ),
    "quantiles": Row(
        NUMBERS + DENSE + FIT + "compile: {optimizer: {SGD: 0.05}, loss: {Quantile: [0.1, 0.9]}}\n", PAD, nightly=True
    ),
    "embedding": Row(
        """\
data:
  source: {csv: table.csv}
  target: kind
  features: {colour: {index: colour}}
  split: {strategy: random, validation: 13, test: 6}
model: {layers: [{Embedding: {input_dim: $data.colour.vocabulary_size, output_dim: 3}}, Flatten]}
"""
        + FIT
        + optimizer("Adam: 0.01"),
        PAD,
        nightly=True,
    ),
    "lstm": Row(WAVES + "model: {layers: [{LSTM: 3}]}\n" + FIT, PAD),
    "regression": Row(
        NUMBERS
        + "model: {layers: [{Dense: {units: 4, activation: tanh, kernel_regularizer: {L2: 0.01}}}]}\n"
        + FIT
        + "compile: {optimizer: {SGD: 0.05}, loss: {Sum: {losses: [mse, Huber]}}, metrics: [mae, RootMeanSquaredError]}\n",
        PAD,
    ),
    "two inputs and outputs": Row(
        HOUSES
        + TWO_TOWERS
        + """\
compile:
  loss: {price: mse, sold: binary_crossentropy}
  loss_weights: {price: 0.1, sold: 0.5}
  metrics: {price: [mae], sold: [accuracy, AUC]}
  weighted_metrics: {sold: [accuracy]}
"""
        + fit("class_weight: {sold: balanced}"),
        PAD,
    ),
    "a class for each pixel": Row(
        """\
data: {source: {npz: masks.npz}, split: {validation: 13, test: 6}}
model:
  layers: [{Conv2D: {filters: 3, kernel_size: 3, padding: same, activation: relu}}]
  outputs: {Conv2D: {filters: 1, kernel_size: 1, activation: sigmoid}}
task: segmentation
compile: {metrics: [accuracy]}
"""
        + FIT,
        PAD,
        nightly=True,
    ),
    "losses of whole pictures": Row(
        """\
data: {source: {npz: masks.npz}, split: {validation: 13, test: 6}}
model:
  layers:
    - Conv2D: {filters: 3, kernel_size: 3, padding: same, activation: relu}
    - ops.square: {name: squared}
    - Conv2D: {filters: 2, kernel_size: 3, padding: same}
  outputs: {label: {Conv2D: {filters: 1, kernel_size: 1, activation: sigmoid}}}
  losses: {small: squared}
task: segmentation
compile: {loss: {label: {Dice: {axis: [1, 2, 3]}}}}
"""
        + FIT,
        DROP,
        nightly=True,
    ),
    # The runtime
    "bfloat16": Row(
        CLASSES + DENSE + FIT,
        {**PAD, "precision": "mixed_bfloat16"},
        weights=1e-3,
        history=1e-3,
        why="a gradient of bfloat16 has 8 bits: the sum of two halves is rounded otherwise than that of the whole",
    ),
    "streamed": Row(PICTURES + CONVOLUTIONS + FIT, {**PAD, "stream": True}),
    "eager": Row(CLASSES + DENSE + fit("steps_per_epoch: 2", epochs=1), {**PAD, "run_eagerly": True}, nightly=True),
    "single steps": Row(CLASSES + DENSE + FIT + SGD, {**PAD, "steps_per_execution": 1}),
    "seven steps": Row(CLASSES + DENSE + FIT + SGD, {**PAD, "steps_per_execution": 7}),
    # One device twice: a batch that is filled up against Keras' own short one
    "filled up or short": Row(
        CLASSES
        + DENSE
        + fit("class_weight: balanced")
        + "compile: {metrics: [accuracy, F1Score], weighted_metrics: [SparseCategoricalCrossentropy]}\n",
        several={**ALONE, **PAD},
    ),
    "whole batches": Row(CLASSES + DENSE + fit("steps_per_epoch: 5") + SGD, several=PAD),
    "folds": Row(CLASSES + DENSE + FIT + "cv: {folds: 3}\n", PAD, verb="cross_validate"),
}


# Every other optimizer that Keras has, with its own settings; the obstacles name what goes another way on replicas.
ROWS |= {
    f"optimizer {name}": Row(
        CLASSES + DENSE + fit("steps_per_epoch: 2", epochs=1) + f"compile: {{optimizer: {name}}}\n", PAD, nightly=True
    )
    for name in catalogue.names("optimizers")
    if name not in ("SGD", "Adam", "ScheduleFreeAdamW")
}


def write_data(folder: Path) -> None:
    """The files that the rows name."""
    draw = np.random.default_rng(0)
    rows = 62
    lines = ["height,colour,share,kind"]
    for number in range(rows):
        kind = number % 3
        colour = ("red", "blue", "green")[(number // 3 + kind) % 3]
        lines.append(f"{draw.normal(kind):.3f},{colour},{draw.uniform(0.2, 3):.3f},{'abc'[kind]}")
    (folder / "table.csv").write_text("\n".join(lines) + "\n")
    labels = np.arange(rows) % 2
    pictures = draw.uniform(0, 1, (rows, 6, 6, 1)) + labels[:, None, None, None]
    pictures = pictures.astype(np.float32)
    np.savez(folder / "pictures.npz", picture=pictures, label=labels)
    facts = draw.normal(0, 1, (rows, 3)).astype(np.float32)
    price = (facts.sum(axis=1) + labels).astype(np.float32)
    np.savez(folder / "houses.npz", plan=pictures, facts=facts, price=price, sold=labels)
    np.savez(folder / "sold.npz", plan=pictures, facts=facts, sold=labels)
    words = draw.integers(0, 9, (rows, 6))
    np.savez(folder / "sentences.npz", word=words, label=labels)
    np.savez(folder / "words.npz", word=words, label=words % 3)
    np.savez(folder / "masks.npz", picture=pictures, label=(pictures > 0.8).astype(np.int64))
