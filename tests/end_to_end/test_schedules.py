"""Schedules that a config counts in epochs: what the learning rate was is in history.csv."""

from __future__ import annotations

from math import cos, pi
from pathlib import Path

import pytest
import tiny
from commandline import Nnrun

DIGITS = """\
data: {source: {sklearn: digits}}
model:
  layers: [Flatten, {Dense: {units: 8, activation: relu}}]
compile:
  optimizer: {SGD: {learning_rate: {CosineDecay: {initial_learning_rate: 0.1, decay_steps: 10 epochs}}}}
fit: {epochs: 10, batch_size: 400}
report: {figures: []}
"""
FOLDS = """\
data: {source: {csv: table.csv}, target: kind, features: {normalize: [height, weight]}, split: {test: 0}}
model:
  layers: [{Dense: {units: 4, activation: relu}}]
compile:
  optimizer: {SGD: {learning_rate: {LinearWarmup: {warmup_steps: 2 epochs, schedule: 0.1}}}}
fit: {epochs: 3, batch_size: 41}
cv: {folds: 3, strategy: random}
report: {figures: []}
"""


def rates(run: Path) -> list[float]:
    """The learning rate at the end of every epoch."""
    return [float(row["learning_rate"]) for row in tiny.history(run)]


def test_schedules_count_in_epochs(nnrun: Nnrun, folder: Path) -> None:
    (folder / "digits.yaml").write_text(DIGITS)
    done = nnrun("train", "digits.yaml")
    assert done.code == 0, done.err
    expected = [0.1 * (1 + cos(pi * epoch / 10)) / 2 for epoch in range(1, 11)]
    assert rates(done.run) == pytest.approx(expected, abs=1e-7)
    assert "decay_steps: 10 epochs\n" in (done.run / "resolved.yaml").read_text()


def test_schedules_count_the_epochs_of_each_fold(nnrun: Nnrun, folder: Path) -> None:
    """With 62 rows two folds train on 41 rows in one step, and one on 42 in two: its program is another."""
    done = nnrun("cv", tiny.write(folder, FOLDS, tiny.rows(62)))
    assert done.code == 0, done.err
    folds = sorted(done.run.glob("fold-*"))
    assert sorted(len(tiny.read_csv(fold / "steps.csv")) for fold in folds) == [3, 3, 6]
    for fold in folds:
        assert rates(fold) == pytest.approx([0.05, 0.1, 0.1])
