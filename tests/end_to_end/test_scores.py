"""One model, one number: what the history says of the last epoch is what metrics.json says of the finished model."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import tiny
from commandline import Nnrun

from nnrun.runs.run import Run

PLAIN = "report.figures=[]"


def train(nnrun: Nnrun, folder: Path, *settings: str, target: str = "kind") -> Run:
    path = tiny.write(folder)
    chosen = [part for setting in (PLAIN, f"data.target={target}", *settings) for part in ("-s", setting)]
    ended = nnrun("train", path, "-q", *chosen)
    assert ended.code == 0, ended.err
    return Run.open(ended.run)


def last(run: Run, prefix: str) -> dict[str, float]:
    assert run.history is not None
    found = {name: values[-1] for name, values in run.history.columns.items() if not math.isnan(values[-1])}
    return {name.removeprefix(prefix): value for name, value in found.items() if name.startswith(prefix)}


def same(run: Run) -> None:
    """The validation part of metrics.json is the last row's val_ columns."""
    expected = last(run, "val_")
    found = run.metrics["validation"]
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-4, abs=1e-6), name


HEADS = {
    "head of the task": (),
    "written softmax": ("model.outputs={Dense: {units: 3, activation: softmax}}",),
    "written logits": ("model.outputs={Dense: 3}",),
    "softmax behind dropout": (
        "model.layers=[{Dense: {units: 3, activation: softmax, name: p}}, {Dropout: {rate: 0.1, name: d}}]",
        "model.outputs={kind: d}",
    ),
    "loss with logits": ("compile.loss={SparseCategoricalCrossentropy: {from_logits: true}}",),
    "one-hot": ("data.target={one_hot: kind}", "compile.metrics=[accuracy, F1Score, AUC]"),
    "weighted": ("compile.weighted_metrics=[accuracy]", "fit.class_weight=balanced"),
    "by hand": ("fit.class_weight={a: 1, b: 2, c: 5}",),
    "regularized": ("model.layers.0.kernel_regularizer={L2: 0.5}",),
    "activity": ("model.layers.0.activity_regularizer={L2: 0.01}", "fit.validation_batch_size=12"),
    "restored": ("fit.epochs=6", "fit.callbacks=[{EarlyStopping: {patience: 9, restore_best_weights: false}}]"),
}


@pytest.mark.parametrize("settings", HEADS.values(), ids=HEADS.keys())
def test_scores_of_classes_are_those_of_the_history(nnrun: Nnrun, folder: Path, settings: tuple[str, ...]) -> None:
    same(train(nnrun, folder, *settings))


@pytest.mark.parametrize("loss", ["mse", "mae", "Huber", "mape"])
def test_scores_of_numbers_are_those_of_the_history(nnrun: Nnrun, folder: Path, loss: str) -> None:
    features = "data.features=[{normalize: weight}, {one_hot: colour}]"
    same(train(nnrun, folder, features, "task=regression", f"compile.loss={loss}", target="height"))


def test_scores_of_two_classes_take_metrics_of_columns(nnrun: Nnrun, folder: Path) -> None:
    features = "data.features=[{normalize: [height, weight]}]"
    metrics = "compile.metrics=[accuracy, AUC, Precision, Recall, {F1Score: {threshold: 0.5}}]"
    same(train(nnrun, folder, features, metrics, target="colour"))


def test_scores_of_the_training_part_are_of_the_epoch_whose_weights_are_kept(nnrun: Nnrun, folder: Path) -> None:
    stopping = "fit.callbacks=[{EarlyStopping: {min_delta: 0.2, patience: 2, restore_best_weights: true}}]"
    run = train(nnrun, folder, "fit.epochs=12", "compile.optimizer={Adam: 0.05}", stopping)
    kept = run.info["kept_epoch"]
    assert run.history is not None
    assert kept < len(run.history)
    assert run.metrics["train"]["loss"] == run.history.columns["loss"][kept - 1]
    assert run.metrics["validation"]["loss"] == pytest.approx(run.history.columns["val_loss"][kept - 1], rel=1e-4)


def test_scores_history_leaves_epochs_without_validation_blank(nnrun: Nnrun, folder: Path) -> None:
    run = train(nnrun, folder, "fit.epochs=4", "fit.validation_freq=2")
    rows = tiny.read_csv(run.path / "history.csv")
    assert [bool(row["val_loss"]) for row in rows] == [False, True, False, True]
    same(run)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        (
            ("compile.loss=sparse_categorical_crossentropy", "model.outputs={Dense: 3}"),
            "the output 'kind' ends without an activation, and the loss SparseCategoricalCrossentropy reads",
        ),
        (
            (
                "compile.loss={SparseCategoricalCrossentropy: {from_logits: true}}",
                "model.outputs={Dense: {units: 3, activation: softmax}}",
            ),
            "the loss SparseCategoricalCrossentropy reads logits, and the output 'kind' gives probabilities already",
        ),
        (
            ("model.outputs={Dense: {units: 3, activation: relu}}",),
            "it cannot be told whether the output 'kind' gives probabilities or logits",
        ),
        (
            ("fit.callbacks=[{EarlyStopping: {monitor: val_acc, mode: max}}]",),
            "EarlyStopping watches 'val_acc', which is not logged",
        ),
        (
            ("compile.metrics=[{AUC: {num_thresholds: 9}}]",),
            "of class numbers AUC is computed by scikit-learn, which has no num_thresholds",
        ),
        (
            ("compile.metrics=[F1Score]", "fit.callbacks=[{EarlyStopping: {monitor: f1_score}}]"),
            "EarlyStopping watches 'f1_score', which is not logged",
        ),
    ],
)
def test_scores_what_only_the_data_tells_is_checked_before_a_run_begins(
    nnrun: Nnrun, folder: Path, settings: tuple[str, ...], what: str
) -> None:
    ended = nnrun("train", tiny.write(folder), *(part for setting in settings for part in ("-s", setting)))
    assert ended.code == 2
    assert what in ended.err
    assert "Traceback" not in ended.err
    assert not (folder / "runs").exists()
