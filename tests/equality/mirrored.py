"""TensorFlow's replicas: every feature that must learn on two parts of a CPU what it learns on one device.

43 rows train in batches of 8, so that the last one has 3; 13 validate in batches of 8, so that the last one has 5.
"""

from __future__ import annotations

from typing import Any

from harness import Row
from sections import (
    CLASSES,
    CONVOLUTIONS,
    DENSE,
    DROP,
    FIT,
    HOUSES,
    PAD,
    PICTURES,
    SGD,
    TWO_CLASSES,
    TWO_TOWERS,
    WEIGHTED,
    fit,
    write_data,
)

__all__ = ["ROWS", "SEVERAL", "write_data"]

SEVERAL: dict[str, Any] = {"device": "cpu", "devices": 2, "strategy": "mirrored"}
ALONE: dict[str, Any] = {"devices": 1, "strategy": "one"}

ROWS: dict[str, Row] = {
    # The first training of a process says how many parts its CPU has. Of the last batch two replicas have no row.
    "four replicas": Row(
        CLASSES
        + DENSE
        + FIT
        + "compile: {optimizer: {SGD: 0.05}, metrics: [accuracy], weighted_metrics: [accuracy]}\n",
        PAD,
        several={"devices": 4},
    ),
    # Optimizers and schedules
    "sgd": Row(CLASSES + DENSE + FIT + SGD, PAD),
    # Weights and metrics
    "metrics, and one row left": Row(
        TWO_CLASSES.replace("rows: 62", "rows: 60")
        + DENSE
        + FIT
        + "compile: {metrics: [accuracy, AUC, Precision, Recall, F1Score, BalancedAccuracy, AveragePrecision]}\n",
        PAD,
    ),
    "weights of rows and weighted metrics": Row(
        WEIGHTED
        + DENSE
        + fit("class_weight: balanced")
        + "compile: {metrics: [accuracy], weighted_metrics: [accuracy, SparseCategoricalCrossentropy]}\n",
        PAD,
    ),
    # What ends or steers a training
    "early stopping": Row(
        CLASSES
        + DENSE
        + fit("callbacks: [{EarlyStopping: {patience: 1, min_delta: 0.1, restore_best_weights: true}}]", epochs=6)
        + SGD,
        PAD,
    ),
    # The remainder
    "dropped": Row(CLASSES + DENSE + FIT + SGD, DROP),
    # Models
    "normalized": Row(
        CLASSES
        + "model: {layers: [{Dense: 4}, {BatchNormalization: {synchronized: true}}, {Activation: relu}]}\n"
        + FIT
        + SGD,
        DROP,
        several={"remainder": "auto"},
    ),
    "two inputs and outputs": Row(
        HOUSES
        + TWO_TOWERS
        + """\
compile:
  optimizer: {SGD: 0.005}
  loss: {price: {MeanSquaredError: {reduction: sum}}, sold: binary_crossentropy}
  loss_weights: {price: 0.1, sold: 0.5}
  metrics: {price: [mae], sold: [accuracy, AUC]}
  weighted_metrics: {sold: [accuracy]}
"""
        + fit("class_weight: {sold: balanced}"),
        PAD,
    ),
    # The runtime
    "streamed": Row(PICTURES + CONVOLUTIONS + FIT, {**PAD, "stream": True}),
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
    "folds": Row(CLASSES + DENSE + FIT + "cv: {folds: 3}\n", PAD, verb="cross_validate"),
}
