"""A training that is stopped at one point and goes on, against the same that nobody stopped; all in this process.

`python tests/faults/points.py jax some` prints the complaints of a kind, since a process has one backend and one number
of devices.
"""

from __future__ import annotations

import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from identical import Result, differences, result

from nnrun import experiment
from nnrun.errors import StoppedError
from nnrun.experiment import Options
from nnrun.storage import snapshots
from nnrun.training import trainer
from nnrun.training.network import Networks
from nnrun.training.progress import Progress
from nnrun.training.stopping import Stop

CONFIG = """\
name: stopped
data: {{source: {{npz: pictures.npz}}, split: {{validation: 11, test: 6}}}}
model:
  layers:
{layers}
compile:
  optimizer: {{Adam: {{learning_rate: 0.05, use_ema: true, ema_momentum: 0.9}}}}
  metrics: [accuracy, AUC]
fit:
  epochs: 12
  batch_size: 8
  callbacks:
{swap}    - ReduceLROnPlateau: {{patience: 1, factor: 0.7, min_delta: 0.02}}
    - EarlyStopping: {{patience: 5, min_delta: 9, start_from_epoch: 5, restore_best_weights: true}}
cv: {{folds: 3}}
runtime: {{{runtime}, steps_per_execution: 2, snapshot_every: 1000}}
report: {{figures: []}}
"""


@dataclass(frozen=True)
class Kind:
    """What trains: its layers, and the settings that choose the backend and the devices; an epoch has so many steps."""

    runtime: str
    layers: Sequence[str]
    steps: int = 5


DENSE = "Dense: {units: 4, activation: relu, name: hidden}"
LAYERS = ("RandomFlip: horizontal", "Flatten", DENSE, "BatchNormalization", "Dropout: 0.25")
TWO = "device: cpu, devices: 2, strategy: data_parallel"
MESH = "mesh: {batch: 2, model: 2}, layout: {hidden.*kernel: [null, model], hidden.*bias: [model]}"
KINDS = {
    "tensorflow": Kind("backend: tensorflow", LAYERS),
    "jax": Kind("backend: jax", LAYERS),
    # Nothing that draws: each replica would draw by itself.
    "mirrored": Kind(TWO, ("Flatten", DENSE, "BatchNormalization: {synchronized: true}"), steps=4),
    "padded": Kind(TWO, ("Flatten", DENSE)),
    "sharded": Kind(f"backend: jax, {TWO}", LAYERS),
    "meshed": Kind(f"backend: jax, device: cpu, devices: 4, strategy: model_parallel, {MESH}", LAYERS),
}


@dataclass(frozen=True)
class Point:
    """After a step of an epoch, both counted from 1; `evaluation` is in the evaluation that follows the last step.

    Step 0 is the end of the epoch. `swap` has averages stand in the place of the weights while they are evaluated.
    """

    epoch: int
    step: int = 0
    evaluation: bool = False
    swap: bool = False
    fold: int | None = None

    def __str__(self) -> str:
        at = "its evaluation" if self.evaluation else f"step {self.step}" if self.step else "its end"
        fold = f"fold {self.fold}, " if self.fold else ""
        return f"{fold}epoch {self.epoch}, {at}{', averages swapped' * self.swap}"


# EarlyStopping keeps the sixth epoch, and ends the training behind the eleventh. An epoch has four whole batches and a
# short one, two steps a call: a call ends behind the steps 2, 4 and 5.
EPOCH_POINTS = [Point(epoch) for epoch in range(1, 11)]
STEP_POINTS = [Point(epoch, (2, 4, 5)[epoch % 3]) for epoch in range(1, 11)]
OTHERS = [
    Point(1, evaluation=True),
    Point(4, evaluation=True),
    Point(2, swap=True),
    Point(3, 4, swap=True),
    Point(5, evaluation=True, swap=True),
]
EVERY = [*EPOCH_POINTS, *STEP_POINTS, *OTHERS]
SOME = [Point(2), Point(6), Point(10), Point(1, 4), Point(5, 5), Point(9, 2), Point(4, evaluation=True), OTHERS[-1]]
IN_FOLDS = [Point(4, 2, fold=2), Point(7, fold=3), Point(3, evaluation=True, fold=1)]
SHARES = {"few": [Point(4, 2), Point(9, 2), Point(6), OTHERS[1]], "some": SOME, "every": [*EVERY, *IN_FOLDS]}


class _StopAt(Stop, Progress):
    """Is asked to stop at a point: the progress tells it where the training is."""

    def __init__(self, point: Point | None) -> None:
        super().__init__()
        self.point, self.epochs, self.steps, self.fold, self.waits = point, 0, 0, 0, 0

    @property
    def asked(self) -> bool:
        if self.waits:
            self.waits -= 1
            if not self.waits:
                self.signal_number = signal.SIGTERM
        return super().asked

    def begin(self, label: str, epochs: int, steps: int) -> None:
        self.epochs, self.steps, self.fold = 0, steps, self.fold + 1

    def step(self, step: int, loss: float) -> None:
        if self.point is None or not self._is_here(self.epochs + 1):
            return
        if self.point.evaluation and step == self.steps:
            self.waits = 2  # the next question is that of the last batch, the one behind it the evaluation's
        elif step == self.point.step > 0:
            self.signal_number = signal.SIGTERM

    def epoch(self, row: Mapping[str, float]) -> None:
        self.epochs = int(row["epoch"])
        ends = self.point is not None and not self.point.step and not self.point.evaluation
        if ends and self._is_here(self.epochs):
            self.signal_number = signal.SIGTERM

    def _is_here(self, epoch: int) -> bool:
        assert self.point is not None
        return epoch == self.point.epoch and self.point.fold in (None, self.fold)


@cache
def _shared(verb: str) -> Networks:
    """One for each file that a config is read from: where it was written belongs to what a network is known by."""
    return Networks()


class Laboratory:
    """Where one config is trained: `fresh` compiles a network for each training, else all share one."""

    def __init__(self, folder: Path, kind: str, *, fresh: bool) -> None:
        self.folder, self.kind, self.fresh = folder, KINDS[kind], fresh
        folder.mkdir(parents=True)
        _write_data(folder)

    @cache  # noqa: B019  the laboratory lives as long as the tests
    def undisturbed(self, *, swap: bool = False, folds: bool = False) -> Result:
        """What a training that nobody stops comes to."""
        run = self._run(self._config(swap), None, folds=folds)
        found = result(run)
        shutil.rmtree(run)
        return found

    def complaint(self, point: Point) -> str:
        """What is wrong where a training is stopped at a point and goes on; nothing where all is well."""
        point = replace(point, step=min(point.step, self.kind.steps))
        config, folds = self._config(point.swap), bool(point.fold)
        expected = self.undisturbed(swap=point.swap, folds=folds)
        shutil.rmtree(self.folder / "runs", ignore_errors=True)  # of a point that went wrong
        try:
            self._run(config, point, folds=folds)
            return f"{point}: was not stopped"
        except StoppedError as error:
            if error.exit_code != 143:
                return f"{point}: exit {error.exit_code}"
        run = self.folder / "runs" / "stopped"
        wrong = _wrong_snapshot(run, point)
        if wrong:
            return f"{point}: {wrong}"
        finished = {path: path.stat().st_mtime_ns for path in _finished(run)}
        with self._networks("resume"):
            experiment.resume(run, options=Options(progress=Progress()))
        again = [str(path.relative_to(run)) for path, changed in finished.items() if path.stat().st_mtime_ns != changed]
        if again or (folds and point.fold != 1 and not finished):
            return f"{point}: written again: {again} of {len(finished)}"
        other = differences(expected, result(run))
        shutil.rmtree(run)
        return f"{point}: differs in {', '.join(other[:6])}" if other else ""

    def _config(self, swap: bool) -> Path:
        path = self.folder / f"stopped-{swap}.yaml"
        layers = "\n".join(f"    - {layer}" for layer in self.kind.layers)
        swapping = "    - SwapEMAWeights\n" if swap else ""
        path.write_text(CONFIG.format(layers=layers, runtime=self.kind.runtime, swap=swapping))
        return path

    def _run(self, config: Path, point: Point | None, *, folds: bool) -> Path:
        ours = _StopAt(point)
        options = Options(runs=self.folder / "runs", stop=ours, progress=ours)
        with self._networks("train"):
            if folds:
                return experiment.cross_validate(experiment.load(config, cross_validation=True), options).path
            return experiment.train(experiment.load(config), options).path

    def _networks(self, verb: str) -> Any:
        return mock.patch.object(trainer, "Networks", Networks if self.fresh else partial(_shared, verb))


def complaints(kind: str, share: str) -> list[str]:
    """All complaints of the points of a share; `every` holds some inside a cross validation."""
    with tempfile.TemporaryDirectory() as folder:
        laboratory = Laboratory(Path(folder) / "runs", kind, fresh=share == "every")
        return [found for point in SHARES[share] if (found := laboratory.complaint(point))]


def _wrong_snapshot(run: Path, point: Point) -> str:
    """Whether the newest snapshot is of that very point."""
    newest = snapshots.newest((run / f"fold-{point.fold}" if point.fold else run) / "snapshots")
    if newest is None:
        return "there is no snapshot"
    ends = not point.step and not (point.evaluation and not point.swap)
    epoch, step = newest.manifest["epoch"], newest.manifest["step"]
    whole = point.evaluation and epoch == point.epoch - 1 and step > 0
    expected = (point.epoch, 0) if ends else (point.epoch - 1, point.step)
    found = epoch, step if not whole else 0
    return "" if found == expected else f"the snapshot is of {found} in place of {expected}"


def _finished(run: Path) -> list[Path]:
    """The files of the folds that are complete."""
    folds = [path.parent for path in run.glob("fold-*/metrics.json")]
    return [path for fold in folds for path in fold.rglob("*") if path.is_file()]


def _write_data(folder: Path) -> None:
    numbers = np.random.default_rng(0)
    labels = np.arange(53) % 2
    pictures = numbers.integers(0, 100, (53, 5, 5, 1)) + labels[:, None, None, None] * 50
    np.savez(folder / "pictures.npz", picture=pictures.astype(np.uint8), label=labels)


if __name__ == "__main__":
    print(json.dumps(complaints(sys.argv[1], sys.argv[2])))
