"""More of `mirrored`: features one by one, whose kind the quick rows have already."""

from __future__ import annotations

from dataclasses import replace

from harness import Row
from mirrored import ALONE, SEVERAL
from sections import (
    CLASSES,
    CONVOLUTIONS,
    DENSE,
    DROP,
    FIT,
    NUMBERS,
    PAD,
    PICTURES,
    SGD,
    SOLD,
    TWO_CLASSES,
    TWO_TOWERS,
    WAVES,
    WORDS,
    fit,
    optimizer,
    write_data,
)

from nnrun import catalogue

__all__ = ["ROWS", "SEVERAL", "write_data"]

ROWS: dict[str, Row] = {
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
    "regression": Row(
        NUMBERS
        + "model: {layers: [{Dense: {units: 4, activation: tanh, kernel_regularizer: {L2: 0.01}}}]}\n"
        + FIT
        + "compile: {optimizer: {SGD: 0.05}, loss: {Sum: {losses: [mse, Huber]}}, metrics: [mae]}\n",
        PAD,
    ),
    "bfloat16": Row(
        CLASSES + DENSE + FIT,
        {**PAD, "precision": "mixed_bfloat16"},
        weights=1e-3,
        history=1e-3,
        why="a gradient of bfloat16 has 8 bits: the sum of two halves is rounded otherwise than that of the whole",
    ),
    # Optimizers and schedules
    "adam": Row(CLASSES + DENSE + FIT + optimizer("Adam: 0.01"), PAD),
    "averages swapped": Row(
        CLASSES
        + DENSE
        + fit("callbacks: [SwapEMAWeights]")
        + optimizer("Adam: {learning_rate: 0.01, use_ema: true, ema_momentum: 0.9}"),
        PAD,
    ),
    # Weights and metrics
    "class weights": Row(CLASSES + DENSE + fit("class_weight: balanced"), PAD),
    "every metric of two classes": Row(
        TWO_CLASSES.replace("rows: 62", "rows: 60")
        + DENSE
        + FIT
        + """\
compile:
  metrics:
    - {AUC: {curve: PR}}
    - {BinaryAccuracy: {threshold: 0.3}}
    - BinaryCrossentropy
    - {BinaryIoU: {threshold: 0.5}}
    - CohenKappa
    - FBetaScore
    - FalseNegatives
    - FalsePositives
    - Hinge
    - MatthewsCorrelation
    - {PrecisionAtRecall: 0.5}
    - {RecallAtPrecision: 0.5}
    - {SensitivityAtSpecificity: 0.5}
    - {SpecificityAtSensitivity: 0.5}
    - SquaredHinge
    - TrueNegatives
    - TruePositives
  weighted_metrics: [AUC, Precision, BinaryAccuracy]
""",
        PAD,
    ),
    "every metric of numbers": Row(
        NUMBERS.replace("rows: 62", "rows: 60").replace("{columns: target, steps: [normalize]}", "target")
        + DENSE
        + FIT
        + """\
compile:
  optimizer: {SGD: 0.001}
  metrics:
    - ConcordanceCorrelation
    - CosineSimilarity
    - LogCoshError
    - MeanAbsoluteError
    - MeanAbsolutePercentageError
    - MeanSquaredError
    - MeanSquaredLogarithmicError
    - PearsonCorrelation
    - Poisson
    - R2Score
    - RootMeanSquaredError
  weighted_metrics: [R2Score, RootMeanSquaredError]
""",
        PAD,
        history=1e-5,
        why="R2Score takes two large sums of float32 from each other",
    ),
    "metrics by class": Row(
        CLASSES
        + DENSE
        + FIT
        + "compile: {metrics: [accuracy, {F1Score: {average: null}}, {MeanIoU: {num_classes: 3, sparse_y_pred: false}},"
        " {SparseTopKCategoricalAccuracy: {k: 2}}]}\n",
        PAD,
    ),
    "sampling and a threshold": Row(
        TWO_CLASSES
        + DENSE
        + fit("sampling: over")
        + "compile: {metrics: [accuracy, F1Score]}\npredict: {threshold: {maximize: f1}}\n",
        PAD,
    ),
    # What ends or steers a training
    "plateau": Row(
        CLASSES
        + DENSE
        + fit("callbacks: [{ReduceLROnPlateau: {patience: 1, factor: 0.5, min_delta: 0.5, min_lr: 0.001}}]", epochs=4)
        + optimizer("SGD: 0.05"),
        PAD,
    ),
    "keep best": Row(
        CLASSES + DENSE + fit("keep: best", batch_size=24) + optimizer("Adam: 0.5"),
        PAD,
        weights=2e-7,
        why="the first epoch is the best one at a high rate only, which makes weights beyond 1",
    ),
    "initial epoch": Row(CLASSES + DENSE + fit("initial_epoch: 1", epochs=3), PAD),
    "fewer steps": Row(CLASSES + DENSE + fit("steps_per_epoch: 3, validation_steps: 1"), PAD),
    "validation now and then": Row(CLASSES + DENSE + fit("validation_freq: 2", epochs=3), PAD),
    "validation batches": Row(CLASSES + DENSE + fit("validation_batch_size: 12"), PAD),
    "no validation": Row(CLASSES.replace("validation: 13", "validation: 0") + DENSE + FIT, PAD),
    # The remainder
    "fewer rows than a batch": Row(CLASSES + DENSE + fit("validation_batch_size: 64", batch_size=64) + SGD, PAD),
    "nothing left": Row(CLASSES.replace("rows: 62", "rows: 59") + DENSE + FIT + SGD, PAD),
    "in order": Row(CLASSES + DENSE + fit("shuffle: false"), PAD),
    # Models
    "regularized": Row(
        CLASSES + "model: {layers: [{Dense: {units: 4, kernel_regularizer: {L2: 0.01}, bias_regularizer: {L1: 0.01},"
        " kernel_constraint: {MaxNorm: 1.0}}}]}\n" + FIT,
        PAD,
    ),
    "summed loss": Row(
        NUMBERS + DENSE + FIT + "compile: {optimizer: {SGD: 0.002}, loss: {MeanSquaredError: {reduction: sum}}}\n", PAD
    ),
    "layer normalization": Row(
        CLASSES + "model: {layers: [{Dense: 4}, LayerNormalization, {Activation: gelu}]}\n" + FIT, PAD
    ),
    "convolution": Row(PICTURES + CONVOLUTIONS + FIT, PAD),
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
    ),
    "a mask that ends before the loss": Row(
        WORDS
        + """\
model: {layers: [{Embedding: {input_dim: 9, output_dim: 3, mask_zero: true}}, {LSTM: 3}]}
"""
        + FIT,
        PAD,
    ),
    "lstm": Row(WAVES + "model: {layers: [{LSTM: 3}]}\n" + FIT, PAD),
    "spectral normalization": Row(
        CLASSES + "model: {layers: [{SpectralNormalization: {layer: {Dense: 4}}}]}\n" + FIT, PAD
    ),
    "a frozen layer": Row(
        CLASSES
        + "model: {layers: [{Dense: {units: 6, trainable: false}}, {Dense: {units: 4, activation: relu}}]}\n"
        + FIT,
        PAD,
    ),
    "an output without a target": Row(
        SOLD
        + TWO_TOWERS.partition("  outputs:")[0]
        + "  outputs: {sold: {Dense: {units: 1, activation: sigmoid}}, seen: seen}\n"
        + FIT,
        PAD,
    ),
    "smoothed labels": Row(
        CLASSES.replace("  split", "  target: {one_hot: target}\n  split")
        + DENSE
        + FIT
        + "compile: {loss: {CategoricalCrossentropy: {label_smoothing: 0.1}}, metrics: [accuracy]}\n",
        PAD,
    ),
    "a sum of losses": Row(
        NUMBERS
        + DENSE
        + FIT
        + "compile: {optimizer: {SGD: 0.05}, loss: {Sum: {losses: [mse, Huber], weights: [0.5, 1.0]}}}\n",
        PAD,
    ),
    "quantiles": Row(NUMBERS + DENSE + FIT + "compile: {optimizer: {SGD: 0.05}, loss: {Quantile: [0.1, 0.9]}}\n", PAD),
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
    ),
    # The runtime
    "streamed folds": Row(
        PICTURES + CONVOLUTIONS + FIT + "cv: {folds: 3}\n", {**PAD, "stream": True}, verb="cross_validate"
    ),
    "eager": Row(CLASSES + DENSE + fit("steps_per_epoch: 2", epochs=1), {**PAD, "run_eagerly": True}),
}

# One device twice: batches that are filled up against Keras' own short ones.
ROWS |= {
    f"{name}, filled up or short": replace(ROWS[name], runtime={}, several={**ALONE, **PAD})
    for name in ("summed loss", "loss of the graph", "a class for each pixel", "quantiles", "regularized", "embedding")
}

# Every other optimizer that Keras has; the obstacles name what goes another way on replicas.
ROWS |= {
    f"optimizer {name}": Row(
        CLASSES + DENSE + fit("steps_per_epoch: 2", epochs=1) + optimizer(f"{name}: {{learning_rate: 0.01}}"), PAD
    )
    for name in catalogue.names("optimizers")
    if name not in ("SGD", "Adam", "ScheduleFreeAdamW", "Ftrl")
}
ROWS["optimizer Ftrl"] = Row(
    CLASSES + DENSE + FIT + optimizer("Ftrl: {learning_rate: 0.1}"),
    PAD,
    weights=1e-6,
    why="it divides differences of roots by the rate",
)
