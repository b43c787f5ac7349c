"""Which callbacks get single batches, and what a training tells of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnrun import experiment
from nnrun.experiment import Options
from nnrun.model import build, framework
from nnrun.runs.run import Run
from nnrun.training.callbacks import needs_every_batch

callbacks = framework.keras().callbacks

CONFIG = """\
data: {source: {npz: table.npz}, target: y, split: {validation: 10}}
task: regression
model: {layers: [{Dense: 2}]}
compile: {optimizer: {SGD: 0.01}}
fit: {epochs: 2, batch_size: 8, callbacks: [CALLBACK]}
report: {figures: []}
"""
STEPS = 5


class Counting(framework.keras().callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Hears of single batches."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []
        self.losses: list[float] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches.append(batch)
        self.losses.append(float(logs["loss"]))


class Old(framework.keras().callbacks.Callback):  # type: ignore[misc]
    """The hook's older name."""

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        pass


class Noisy(framework.keras().callbacks.ModelCheckpoint):  # type: ignore[misc]
    """A kind of our own: nothing is known of what it does with a batch."""


ACTING: dict[str, Callable[[Path], Any]] = {
    "counting": lambda folder: Counting(),
    "old": lambda folder: Old(),
    "its own kind": lambda folder: Noisy(folder / "a.keras"),
    "lambda": lambda folder: callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None),
    "checkpoint": lambda folder: callbacks.ModelCheckpoint(folder / "a.keras", save_freq=3),
    "backup": lambda folder: callbacks.BackupAndRestore(folder / "backup", save_freq=3),
    "board": lambda folder: callbacks.TensorBoard(folder, update_freq="batch"),
    "board each third": lambda folder: callbacks.TensorBoard(folder, update_freq=3),
    "board that profiles": lambda folder: callbacks.TensorBoard(folder, profile_batch=(2, 3)),
}
WAITING: dict[str, Callable[[Path], Any]] = {
    "nothing": lambda folder: callbacks.Callback(),
    "stopping": lambda folder: callbacks.EarlyStopping(),
    "plateau": lambda folder: callbacks.ReduceLROnPlateau(),
    "swapping": lambda folder: callbacks.SwapEMAWeights(),
    "lambda": lambda folder: callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None),
    "checkpoint": lambda folder: callbacks.ModelCheckpoint(folder / "a.keras"),
    "backup": lambda folder: callbacks.BackupAndRestore(folder / "backup"),
    "board": lambda folder: callbacks.TensorBoard(folder),
}


@pytest.mark.parametrize("make", ACTING.values(), ids=ACTING)
def test_training_callbacks_that_act_on_batches_need_each(make: Callable[[Path], Any], tmp_path: Path) -> None:
    assert needs_every_batch([make(tmp_path)])
    assert needs_every_batch([callbacks.EarlyStopping(), make(tmp_path)])


@pytest.mark.parametrize("make", WAITING.values(), ids=WAITING)
def test_training_callbacks_that_wait_for_epochs_do_not(make: Callable[[Path], Any], tmp_path: Path) -> None:
    assert not needs_every_batch([make(tmp_path)])


def test_training_callbacks_none_need_nothing() -> None:
    assert not needs_every_batch([])


def trained(folder: Path, callback: str) -> Run:
    """A training with a callback; three steps a call where nothing asks for each."""
    numbers = np.random.default_rng(0)
    x = numbers.normal(size=(48, 3)).astype(np.float32)
    np.savez(folder / "table.npz", x=x, y=x.sum(axis=1))
    path = folder / "config.yaml"
    path.write_text(CONFIG.replace("CALLBACK", callback))
    settings = ["runtime.steps_per_execution=3"]
    return experiment.train(experiment.load(path, settings), Options(runs=folder / "runs"))


def steps_per_call(run: Run) -> int:
    return int(json.loads((run.path / "run.json").read_text())["steps_per_call"])


def test_training_callbacks_of_a_batch_get_each_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counting, make = Counting(), build.make
    monkeypatch.setattr(
        build, "make", lambda spec, facts: counting if spec.name == "EarlyStopping" else make(spec, facts)
    )
    run = trained(tmp_path, "EarlyStopping")
    assert steps_per_call(run) == 1
    assert counting.batches == 2 * list(range(STEPS))
    assert len(set(counting.losses)) == 2 * STEPS
    assert counting.losses[STEPS - 1 :: STEPS] == [row["loss"] for row in _history(run)]


@pytest.mark.parametrize("callback", ["EarlyStopping", "ReduceLROnPlateau", "TerminateOnNaN"])
def test_training_callbacks_of_an_epoch_cost_no_single_steps(callback: str, tmp_path: Path) -> None:
    assert steps_per_call(trained(tmp_path, callback)) == 3


def _history(run: Run) -> list[dict[str, float]]:
    lines = (run.path / "history.csv").read_text().splitlines()
    names = lines[0].split(",")
    return [dict(zip(names, map(float, line.split(",")), strict=True)) for line in lines[1:]]
