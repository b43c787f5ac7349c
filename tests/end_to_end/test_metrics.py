"""Metrics of whole parts in a training: in history and metrics.json, chosen by, resumed, folded, streamed."""

from __future__ import annotations

import csv
import itertools
import math
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from commandline import Nnrun, process

from nnrun.runs.run import Run
from nnrun.training import predicting

CONFIG = """\
data:
  source: {csv: table.csv}
  target: kind
  features: [{normalize: [height, weight]}, {one_hot: colour}]
  split: {validation: 0.2, test: 0.2}
model:
  layers: [{Dense: {units: 4, activation: relu}}, {Dropout: 0.3}]
compile: {metrics: [accuracy, F1Score, BalancedAccuracy, AUC]}
fit:
  epochs: 4
  batch_size: 8
  callbacks: [{EarlyStopping: {monitor: val_f1_score, patience: 3, restore_best_weights: true}}]
cv: {folds: 2}
runtime: {steps_per_execution: 2}
report: {figures: []}
"""
LATE = ("f1_score", "balanced_accuracy", "auc")


def trained(nnrun: Nnrun, folder: Path, *settings: str, verb: str = "train", config: str = CONFIG) -> Run:
    chosen = [part for setting in settings for part in ("-s", setting)]
    ended = nnrun(verb, tiny.write(folder, config), "-q", *chosen)
    assert ended.code == 0, ended.err
    return Run.open(ended.run)


def f1_of_predictions(run: Run, part: str) -> float:
    """The mean over the classes of 2 hits / (given + found), from the run's own predictions."""
    with (run.path / "predictions.csv").open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["part"] == part]
    scores = []
    for name in "abc":
        given, found = [row["target"] == name for row in rows], [row["prediction"] == name for row in rows]
        hits = sum(one and other for one, other in zip(given, found, strict=True))
        scores.append(2 * hits / (sum(given) + sum(found)))
    return float(np.mean(scores))


def test_metrics_of_whole_parts_are_logged_scored_and_chosen_by(nnrun: Nnrun, folder: Path) -> None:
    run = trained(nnrun, folder)
    assert run.history is not None
    columns = run.history.columns
    assert list(columns)[-3:] == [f"val_{name}" for name in LATE]
    assert not set(LATE) & set(columns)
    assert run.monitor == ("val_f1_score", "max")
    best = int(np.argmax(columns["val_f1_score"]))
    assert run.info["kept_epoch"] == best + 1
    for name in ("loss", "accuracy", *LATE):
        assert run.metrics["validation"][name] == pytest.approx(columns[f"val_{name}"][best], rel=1e-4), name
    for part in ("validation", "test"):
        assert run.metrics[part]["f1_score"] == pytest.approx(f1_of_predictions(run, part))
    assert not set(LATE) & set(run.metrics["train"])
    floor = run.metrics["floor"]["test"]["majority"]
    assert (floor["balanced_accuracy"], floor["auc"]) == (pytest.approx(1 / 3), 0.5)


def test_metrics_of_whole_parts_go_on_to_the_same_bits(
    nnrun: Nnrun, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = trained(nnrun, folder)
    before, calls = predicting.predict, itertools.count(1)

    def stops(*arguments: Any) -> Any:
        if next(calls) == 2:
            signal.raise_signal(signal.SIGTERM)
        return before(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr("nnrun.training.epoch_end.predict", stops)
        stopped = nnrun("train", folder / "tiny.yaml", "--name", "stopped", "-q")
    assert stopped.code == 128 + signal.SIGTERM
    resumed = nnrun("resume", "stopped", "-q")
    assert resumed.code == 0, resumed.err
    assert tiny.history(resumed.run) == tiny.history(expected.path)
    assert (resumed.run / "metrics.json").read_bytes() == (expected.path / "metrics.json").read_bytes()


def test_metrics_of_whole_parts_in_folds(nnrun: Nnrun, folder: Path) -> None:
    """Without a choice the watched rows are the held-out fold itself."""
    run = trained(nnrun, folder, "fit.callbacks=[]", "fit.epochs=2", verb="cv")
    assert run.cv is not None
    folds = [Run.open(run.path / f"fold-{number}") for number in (1, 2)]
    watched = [fold.history.columns["val_f1_score"][-1] for fold in folds if fold.history is not None]
    assert run.cv["metric"]["f1_score"]["folds"] == pytest.approx(watched)
    assert run.metrics["held_out"]["f1_score"] == pytest.approx(np.mean(watched))
    assert 0 <= run.cv["metric"]["auc"]["pooled"] <= 1


def test_metrics_of_whole_parts_are_of_the_weights_that_were_evaluated(nnrun: Nnrun, folder: Path) -> None:
    """While SwapEMAWeights evaluates, averages stand in the place of the weights; accuracy is computed both ways."""
    metric = "compile.metrics=[accuracy, {F1Score: {average: micro}}]"
    swap = ("fit.callbacks=[SwapEMAWeights]", "compile.optimizer={SGD: {learning_rate: 0.5, use_ema: true}}")
    run = trained(nnrun, folder, metric, *swap, "fit.validation_freq=2")
    assert run.history is not None
    first, second, third, fourth = run.history.columns["val_f1_score"]
    assert math.isnan(first)
    assert math.isnan(third)
    assert [second, fourth] == pytest.approx(run.history.columns["val_accuracy"][1::2])
    without = trained(nnrun, folder, metric, "fit.callbacks=[]", "fit.validation_freq=2", swap[1])
    assert without.history is not None
    assert without.history.columns["val_accuracy"][1::2] != run.history.columns["val_accuracy"][1::2]


def test_metrics_of_two_classes_that_are_two_units(nnrun: Nnrun, folder: Path) -> None:
    """Keras' own Precision would take each unit for an answer of its own, and end in an error."""
    features = "data.features=[{normalize: [height, weight]}]"
    settings = (features, "data.target=colour", "fit.epochs=1", "compile.metrics=[accuracy, F1Score, Precision]")
    head = "model.outputs={Dense: {units: 2, activation: softmax}}"
    run = trained(nnrun, folder, *settings, head, "compile.loss=sparse_categorical_crossentropy")
    assert run.history is not None
    assert list(run.history.columns)[-2:] == ["val_f1_score", "val_precision"]
    assert "precision" not in run.history.columns


def test_metrics_of_several_outputs_have_the_names_of_the_outputs(nnrun: Nnrun, folder: Path) -> None:
    run = trained(
        nnrun,
        folder,
        "data.target=[kind, colour]",
        "data.features=[{normalize: [height, weight]}]",
        "model.outputs={kind: {Dense: {units: 3, activation: softmax}}, colour: {Dense: {units: 1}}}",
        "compile.loss={kind: sparse_categorical_crossentropy, colour: {BinaryCrossentropy: {from_logits: true}}}",
        "compile.metrics={kind: [F1Score], colour: [accuracy]}",
        "fit.callbacks=[{ReduceLROnPlateau: {monitor: val_kind_f1_score, patience: 1}}]",
        "fit.epochs=2",
    )
    assert run.history is not None
    assert list(run.history.columns)[-1] == "val_kind_f1_score"
    assert run.metrics["validation"]["kind_f1_score"] == run.history.columns["val_kind_f1_score"][-1]


def test_metrics_of_a_stream_are_those_of_memory(nnrun: Nnrun, folder: Path) -> None:
    config = CONFIG.replace("source: {csv: table.csv}\n  target: kind", "source: {sklearn: digits}")
    config = config.replace("  features: [{normalize: [height, weight]}, {one_hot: colour}]\n", "")
    config = config.replace("layers: [", "layers: [Flatten, ").replace("epochs: 4", "epochs: 1")
    config = config.replace("batch_size: 8", "batch_size: 128")
    held, streamed = (trained(nnrun, folder, f"runtime.stream={word}", config=config) for word in ("false", "true"))
    assert tiny.history(held.path) == tiny.history(streamed.path)
    assert held.metrics == streamed.metrics


@pytest.mark.nightly
def test_metrics_of_whole_parts_on_jax(folder: Path) -> None:
    tiny.write(folder, CONFIG)
    ended = process("train", "tiny.yaml", "-q", "-s", "runtime.backend=jax")
    assert ended.code == 0, ended.err
    run = Run.open(ended.run)
    assert run.history is not None
    best = int(np.argmax(run.history.columns["val_f1_score"]))
    assert run.metrics["validation"]["f1_score"] == pytest.approx(run.history.columns["val_f1_score"][best])
    assert run.metrics["test"]["f1_score"] == pytest.approx(f1_of_predictions(run, "test"))
