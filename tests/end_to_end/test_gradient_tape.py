"""The training step written out: it learns what `fit` learns, shows what it does, and keeps what a run promises."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from commandline import CONFIGS, Nnrun

from nnrun.model import framework
from nnrun.runs.run import Run
from nnrun.storage import snapshots

DROPOUT = """\
data:
  source: {csv: table.csv}
  target: kind
  features: [{normalize: [height, weight]}, {one_hot: colour}]
  split: {validation: 0.2, test: 0.2}
model:
  layers: [{Dense: {units: 8, activation: relu, kernel_regularizer: {L2: 0.01}}}, BatchNormalization, {Dropout: 0.3}]
fit: {epochs: 3, batch_size: 8, callbacks: [{EarlyStopping: {patience: 1, restore_best_weights: true}}]}
report: {figures: []}
"""
REGRESSION = DROPOUT.replace("target: kind", "target: height").replace("[height, weight]", "[weight]")
KINDS = {
    "dropout, batch normalisation, penalties": DROPOUT,
    "regression": REGRESSION,
    "two outputs": DROPOUT.replace("target: kind", "target: [kind, height]").replace("[height, weight]", "[weight]"),
    "weights of classes": DROPOUT.replace("fit: {", "fit: {class_weight: {a: 3, b: 1, c: 2}, "),
    "weights of rows": REGRESSION.replace("target: height", "target: height\n  weight: family"),
    "two phases": DROPOUT + "phases: [{fit: {epochs: 1}}, {compile: {optimizer: {SGD: 0.1}}, fit: {epochs: 2}}]\n",
}


def trained(nnrun: Nnrun, config: Path, *settings: str) -> Path:
    done = nnrun("train", config, *settings)
    assert done.code == 0, done.err
    return done.run


def weights(run: Path) -> list[Any]:
    return list(framework.keras().saving.load_model(run / "model.keras", compile=False).get_weights())


def assert_same(by_fit: Path, by_tape: Path) -> None:
    """Histories and weights to 1e-6; that the second was trained by the tape, its trace says."""
    assert not (by_fit / "trace.csv").exists()
    assert [row["step"] for row in tiny.read_csv(by_tape / "trace.csv")]
    expected, found = tiny.history(by_fit), tiny.history(by_tape)
    assert [list(row) for row in found] == [list(row) for row in expected]
    for row, other in zip(found, expected, strict=True):
        assert [float(v) for v in row.values()] == pytest.approx([float(v) for v in other.values()], abs=1e-6)
    for value, other in zip(weights(by_tape), weights(by_fit), strict=True):
        np.testing.assert_allclose(value, other, rtol=0, atol=1e-6)


QUICK = ("dropout, batch normalisation, penalties", "two outputs")
SOME = [pytest.param(kind, marks=() if kind in QUICK else pytest.mark.nightly) for kind in KINDS]


@pytest.mark.parametrize("kind", SOME)
def test_gradient_tape_learns_what_fit_learns(kind: str, nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder, KINDS[kind])
    assert_same(trained(nnrun, config), trained(nnrun, config, "--trace", "1"))


@pytest.mark.parametrize("name", ["cnn", pytest.param("recurrent", marks=pytest.mark.nightly)])
def test_gradient_tape_learns_what_fit_learns_on_the_cookbooks_models(name: str, nnrun: Nnrun, folder: Path) -> None:
    config = CONFIGS / f"{name}.yaml"
    short = ("--runs", str(folder), "-s", "fit.epochs=2", "-s", "report.figures=[]")
    assert_same(trained(nnrun, config, *short), trained(nnrun, config, *short, "--trace", "1"))


@pytest.mark.parametrize("recipe", ["", pytest.param("recipe: gradient_tape\n", marks=pytest.mark.nightly)])
def test_gradient_tape_and_fit_have_the_same_history_eagerly(recipe: str, nnrun: Nnrun, folder: Path) -> None:
    """Metrics begin anew in each epoch, and anew for the validation part."""
    config = tiny.write(folder, DROPOUT + recipe)
    compiled, eager = trained(nnrun, config), trained(nnrun, config, "-s", "runtime.run_eagerly=true")
    for row, other in zip(tiny.history(eager), tiny.history(compiled), strict=True):
        assert [float(v) for v in row.values()] == pytest.approx([float(v) for v in other.values()], abs=1e-3)


LINEAR = """\
data:
  source: {csv: table.csv}
  target: height
  features: [{normalize: weight}]
  split: {validation: 0, test: 0}
model: {layers: [], outputs: {Dense: {units: 1, kernel_initializer: zeros, name: height}}}
compile: {optimizer: {SGD: {learning_rate: 0.1}}}
fit: {epochs: 3, batch_size: 30}
report: {figures: [trace]}
"""


def test_gradient_tape_traces_what_a_step_does(nnrun: Nnrun, folder: Path) -> None:
    """A straight line through all rows, against the same descent by hand."""
    done = nnrun("train", tiny.write(folder, LINEAR), "--trace", "2", "-s", "fit.batch_size=60")
    assert done.code == 0, done.err
    y, x = (np.array([row[column] for row in tiny.rows()], float) for column in (0, 1))
    x, line = (x - x.mean()) / x.std(), np.zeros(2)
    expected = []
    for step in (1, 2):
        miss = line[0] * x + line[1] - y
        slope = np.array([2 * np.mean(miss * x), 2 * np.mean(miss)])
        sizes = np.linalg.norm(slope), np.linalg.norm(line), 0.1 * np.linalg.norm(slope)
        expected.append([step, step, np.mean(miss**2), *sizes])
        line -= 0.1 * slope
    rows = tiny.read_csv(done.run / "trace.csv")
    assert [row["layer"] for row in rows] == ["height", "height"]
    names = ("step", "epoch", "loss", "gradient_norm", "weight_norm", "update_norm")
    for row, numbers in zip(rows, expected, strict=True):
        assert [float(row[name]) for name in names] == pytest.approx(numbers, rel=1e-5)
    assert rows[0]["relative_update"] == ""  # of weights that are zero
    assert float(rows[1]["relative_update"]) == pytest.approx(expected[1][5] / expected[1][4], rel=1e-5)
    assert f"step 2, epoch 2: loss {expected[1][2]:.6g}" in done.err
    assert (done.run / "figures" / "trace.png").is_file()


def test_gradient_tape_traces_gradients_as_they_are_before_they_are_clipped(nnrun: Nnrun, folder: Path) -> None:
    run = trained(nnrun, tiny.write(folder, LINEAR), "--trace", "4", "-s", "compile.optimizer.SGD.global_clipnorm=0.5")
    rows, steps = tiny.read_csv(run / "trace.csv"), tiny.read_csv(run / "steps.csv")
    assert [(row["step"], row["epoch"]) for row in rows] == [("1", "1"), ("2", "1"), ("3", "2"), ("4", "2")]
    losses = [float(row["loss"]) for row in steps[:4]]
    assert [float(row["loss"]) for row in rows] == pytest.approx(losses, rel=1e-4)
    assert all(float(row["gradient_norm"]) > 100 for row in rows)
    assert [float(row["update_norm"]) for row in rows] == pytest.approx([0.05] * 4, rel=1e-3)


def test_gradient_tape_traces_gradients_without_the_scale_of_half_precision(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder, DROPOUT.replace(", {Dropout: 0.3}", ""))
    norms = [
        [
            float(row["gradient_norm"])
            for row in tiny.read_csv(trained(nnrun, config, "--trace", "2", *more) / "trace.csv")
        ]
        for more in ((), ("-s", "runtime.precision=mixed_float16"))
    ]
    assert norms[1] == pytest.approx(norms[0], rel=0.02)


def outcome(run: Path) -> dict[str, Any]:
    newest = snapshots.newest(run / "snapshots")
    assert newest is not None
    files = ("metrics.json", "predictions.csv", "steps.csv", "trace.csv")
    return {
        "history": tiny.history(run),
        "state": [value.tobytes() for value in newest.arrays("variables").values()],
        **{name: (run / name).read_bytes() for name in files},
    }


@pytest.mark.parametrize("call", [2, pytest.param(7, marks=pytest.mark.nightly)])
def test_gradient_tape_goes_on_to_the_same_bits(
    call: int, nnrun: Nnrun, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped in the traced steps, and behind them."""
    from nnrun.training.steps import Steps

    config = tiny.write(folder, DROPOUT + "runtime: {steps_per_execution: 2}\n")
    expected = outcome(trained(nnrun, config, "--trace", "6", "--runs", "whole"))
    before, calls = Steps.__call__, iter(range(1, 100))

    def act(*arguments: Any) -> None:
        if next(calls) == call:
            signal.raise_signal(signal.SIGTERM)
        before(*arguments)

    monkeypatch.setattr(Steps, "__call__", act)
    assert nnrun("train", config, "--trace", "6").code == 128 + signal.SIGTERM
    resumed = nnrun("resume", "tiny")
    assert resumed.code == 0, resumed.err
    assert outcome(resumed.run) == expected


def test_gradient_tape_of_a_frozen_network_changes_nothing(nnrun: Nnrun, folder: Path) -> None:
    config = LINEAR.replace("name: height", "name: height, trainable: false")
    run = trained(nnrun, tiny.write(folder, config), "--trace", "2")
    assert [np.any(value) for value in weights(run)] == [False, False]
    assert not (run / "trace.csv").exists()


def test_gradient_tape_in_folds_is_that_of_fit(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder, DROPOUT)
    scores = []
    for settings in ((), ("-s", "recipe={gradient_tape: 1}")):
        done = nnrun("cv", config, "--folds", "2", *settings)
        assert done.code == 0, done.err
        folds = Run(done.run).children
        assert [(fold.path / "trace.csv").is_file() for fold in folds] == [bool(settings)] * 2
        scores.append([tiny.read_json(fold.path / "metrics.json") for fold in folds])
    assert scores[0] == scores[1]


def test_gradient_tape_tells_where_the_loss_is_lost(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder, REGRESSION)
    told = [
        nnrun("train", config, "-s", "compile.optimizer={SGD: 1e9}", *settings).err
        for settings in ((), ("-s", "recipe=gradient_tape"))
    ]
    assert "the loss is" in told[0]
    assert [line for line in told[1].splitlines() if "the loss is" in line] == [
        line for line in told[0].splitlines() if "the loss is" in line
    ]
