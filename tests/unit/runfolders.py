"""Run folders written by hand, for the tests of everything after training."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nnrun.runs.run import Run

EPOCHS = 12
TRAIN = [1 / epoch for epoch in range(1, EPOCHS + 1)]
VALIDATION = [1.0, 0.7, 0.5, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2]


def write_run(folder: Path, history: Mapping[str, Sequence[float]] | None = None, **info: Any) -> Run:
    """A run with `run.json` and a history; `info` goes into the former."""
    folder.mkdir(parents=True)
    told = {"format": 1, "status": "complete", "times": {"started": "2026-01-02T03:04:05+00:00"}}
    (folder / "run.json").write_text(json.dumps(told | info))
    if history:
        columns = {"epoch": range(1, len(next(iter(history.values()))) + 1), **history}
        write_rows(folder / "history.csv", list(columns), list(zip(*columns.values(), strict=True)))
    return Run.open(folder)


def write_rows(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A CSV file."""
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def classifier(folder: Path) -> Run:
    """Three classes, twelve epochs, losses that part after the fourth, three of four test rows right."""
    accuracy = [0.5 + 0.04 * epoch for epoch in range(EPOCHS)]
    run = write_run(
        folder,
        {
            "seconds": [0.1] * EPOCHS,
            "learning_rate": [0.1 / epoch for epoch in range(1, EPOCHS + 1)],
            "loss": TRAIN,
            "accuracy": accuracy,
            "val_loss": VALIDATION,
            "val_accuracy": [0.9 * value for value in accuracy],
        },
        task={"species": {"task": "multiclass", "classes": ["setosa", "versicolor", "virginica"]}},
        monitor={"name": "val_loss", "mode": "min"},
        seed=7,
    )
    write_rows(
        folder / "predictions.csv",
        ["row", "part", "fold", "target", "prediction"],
        [
            (0, "train", "", "setosa", "virginica"),
            (1, "test", "", "setosa", "setosa"),
            (2, "test", "", "versicolor", "virginica"),
            (3, "test", "", "virginica", "virginica"),
            (4, "test", "", "virginica", "virginica"),
        ],
    )
    write_rows(folder / "steps.csv", ["step", "epoch", "loss"], [(1, 1, 1.0), (2, 1, 0.9), (3, 2, 0.5), (4, 2, 0.4)])
    metrics = {
        "train": {"loss": 0.1, "accuracy": 0.94},
        "validation": {"loss": 0.4, "accuracy": 0.85},
        "test": {"loss": 0.5, "accuracy": 0.75},
        "floor": {"test": {"majority": {"accuracy": 0.5}}},
        "unit": {},
    }
    (folder / "metrics.json").write_text(json.dumps(metrics))
    (folder / "config.yaml").write_text("data: iris\n")
    return run


def cross_validation(folder: Path) -> Run:
    """A regression in three folds, the last of which stopped early."""
    run = write_run(folder, task={"price": {"task": "regression"}}, monitor={"name": "val_loss", "mode": "min"})
    for fold, epochs in enumerate((4, 4, 2), start=1):
        losses = [float(fold + 4 - epoch) for epoch in range(epochs)]
        write_run(folder / f"fold-{fold}", {"loss": losses, "mae": losses, "val_loss": losses, "val_mae": losses})
    write_rows(
        folder / "predictions.csv",
        ["row", "part", "fold", "target", "prediction"],
        [(0, "fold", 1, 1.0, 2.0), (1, "fold", 2, 2.0, 2.0), (2, "fold", 3, 3.0, 2.0)],
    )
    score = {
        "folds": [1.0, 2.0, 3.0],
        "mean": 2.0,
        "sd": 1.0,
        "interval": [0.5, 3.5],
        "pooled": 2.0,
        "method": "m",
    }
    (folder / "cv.json").write_text(json.dumps({"folds": 3, "metric": {"mae": score}}))
    return run
