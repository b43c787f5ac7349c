"""Several fits in a row in one run: what each trains, how it is recorded, and that it goes on to the same bits."""

from __future__ import annotations

import itertools
import pkgutil
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from commandline import Nnrun

from nnrun.model import framework
from nnrun.runs.run import Run
from nnrun.storage import snapshots

CONFIG = """\
data:
  source: {csv: table.csv}
  target: kind
  features: [{normalize: [height, weight]}, {one_hot: colour}]
  split: {validation: 0.2, test: 0.2}
model:
  layers: [{Dense: {units: 4, activation: relu, name: base}}, BatchNormalization, {Dropout: 0.3}]
compile: {metrics: [accuracy]}
fit: {batch_size: 8}
phases:
  - {name: head, trainable: {base: false}, fit: {epochs: 2}}
  - name: fine_tune
    trainable: {base: true}
    compile: {optimizer: {SGD: 1e-2}, weighted_metrics: [AUC]}
    fit: {epochs: 3, batch_size: 4, callbacks: [{EarlyStopping: {monitor: loss, min_delta: 9, patience: 1}}]}
  - {name: last, trainable: {"bas*": false}, fit: {epochs: 1}}
runtime: {steps_per_execution: 2}
report: {figures: [curves]}
"""
CONFIG = CONFIG.replace("weighted_metrics: [AUC]", "metrics: [accuracy, SparseTopKCategoricalAccuracy]")


def weights(run: Path) -> dict[str, Any]:
    """The weights of the saved model, by layer."""
    model = framework.keras().saving.load_model(run / "model.keras", compile=False)
    return {layer.name: layer.get_weights() for layer in model.layers if layer.get_weights()}


def trained(nnrun: Nnrun, folder: Path, *settings: str) -> Path:
    done = nnrun("train", tiny.write(folder, CONFIG), *settings)
    assert done.code == 0, done.err
    return done.run


def test_phases_are_one_run_with_its_seams(nnrun: Nnrun, folder: Path) -> None:
    run = Run(trained(nnrun, folder))
    assert [row["epoch"] for row in tiny.history(run.path)] == ["1", "2", "3", "4", "5"]  # the second was stopped
    told = [(p["name"], p["first_epoch"], p["last_epoch"], p["optimizer"]) for p in run.phases]
    assert told == [("head", 1, 2, "Adam"), ("fine_tune", 3, 4, "SGD"), ("last", 5, 5, "Adam")]
    of_base, all_of = 4 * 4 + 4, 4 * 4 + 4 + 4 * 4 + 4 * 3 + 3
    assert [(p["trainable"], p["frozen"]) for p in run.phases] == [
        (all_of - of_base - 8, of_base + 8), (all_of - 8, 8), (all_of - of_base - 8, of_base + 8),
    ]  # fmt: skip
    history = tiny.history(run.path)
    assert history[0]["sparse_top_k_categorical_accuracy"] == ""
    assert float(history[2]["sparse_top_k_categorical_accuracy"]) == 1.0
    assert [row["learning_rate"] for row in history] == ["0.001", "0.001", "0.01", "0.01", "0.001"]
    page = (run.path / "report.html").read_text()
    assert "<h2>Phases</h2>" in page
    assert "fine_tune" in page


def test_phases_train_what_they_name(nnrun: Nnrun, folder: Path) -> None:
    begun = weights(
        trained(
            nnrun,
            folder,
            "-s",
            "phases.0.compile={optimizer: {SGD: 0.0}}",
            "-s",
            "phases.1.compile={optimizer: {SGD: 0.0}}",
            "-s",
            "phases.2.compile={optimizer: {SGD: 0.0}}",
        )
    )
    frozen = weights(trained(nnrun, folder, "-s", "phases.1.trainable={base: false}"))
    whole = weights(trained(nnrun, folder))
    assert all(np.array_equal(a, b) for a, b in zip(begun["base"], frozen["base"], strict=True))
    assert not np.array_equal(begun["kind"][0], frozen["kind"][0])
    assert not np.array_equal(begun["base"][0], whole["base"][0])


def test_phases_first_phase_is_a_plain_training(nnrun: Nnrun, folder: Path) -> None:
    plain = CONFIG.partition("phases:")[0] + "runtime: {steps_per_execution: 2}\nreport: {figures: []}\n"
    done = nnrun(
        "train", tiny.write(folder, plain.replace("name: base", "name: base, trainable: false")), "-s", "fit.epochs=2"
    )
    assert done.code == 0, done.err
    head = trained(nnrun, folder)
    names = ("loss", "accuracy", "val_loss")
    assert [[row[n] for n in names] for row in tiny.history(done.run)] == [
        [row[n] for n in names] for row in tiny.history(head)[:2]
    ]


MOMENTS = {
    "in the first": ("nnrun.training.steps.Steps.__call__", 3),
    "at the end of the first": ("nnrun.training.recorder.Recorder.epoch", 2),
    "between the first and the second": ("nnrun.training.network.Networks.compiled_anew", 1),
    "in the middle of the second": ("nnrun.training.steps.Steps.__call__", 8),
    "at the end of an epoch of the second": ("nnrun.training.recorder.Recorder.epoch", 3),
    "at the end of the second, which was stopped early": ("nnrun.training.recorder.Recorder.epoch", 4),
    "between the second and the third": ("nnrun.training.network.Networks.compiled_anew", 2),
    "in the third": ("nnrun.training.steps.Steps.__call__", 19),
    "while it is scored": ("nnrun.training.scoring.score", 1),
}


FEW = (
    "between the first and the second",
    "in the middle of the second",
    "at the end of the second, which was stopped early",
)
SOME = [pytest.param(moment, marks=() if moment in FEW else pytest.mark.nightly) for moment in MOMENTS]


@pytest.mark.parametrize("moment", SOME)
def test_phases_go_on_to_the_same_bits(
    moment: str, nnrun: Nnrun, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = outcome(trained(nnrun, folder, "--runs", "whole"))
    target, call = MOMENTS[moment]
    before, calls = pkgutil.resolve_name(target), itertools.count(1)

    def act(*arguments: Any, **named: Any) -> Any:
        if next(calls) == call:
            signal.raise_signal(signal.SIGTERM)
        return before(*arguments, **named)

    monkeypatch.setattr(target, act)
    stopped = nnrun("train", tiny.write(folder, CONFIG))
    assert stopped.code == 128 + signal.SIGTERM, stopped.err

    resumed = nnrun("resume", "tiny")
    assert resumed.code == 0, resumed.err
    assert outcome(resumed.run) == expected


def test_phases_stay_as_long_as_they_were_begun(nnrun: Nnrun, folder: Path) -> None:
    run = trained(nnrun, folder, "-s", "fit.epochs=1")
    longer = nnrun("resume", run.name, "-s", "fit.epochs=9")
    assert longer.code == 2
    assert "a run of several phases goes on as it was begun" in longer.err


def test_phases_are_not_exported_yet(nnrun: Nnrun, folder: Path) -> None:
    done = nnrun("export", tiny.write(folder, CONFIG), "--python")
    assert done.code == 2
    assert "there are several fits in a row" in done.err


def test_phases_in_folds(nnrun: Nnrun, folder: Path) -> None:
    done = nnrun("cv", tiny.write(folder, CONFIG), "--folds", "2", "-s", "report.figures=[]")
    assert done.code == 0, done.err
    assert [len(tiny.history(child.path)) for child in Run(done.run).children] == [5, 5]
    assert [len(child.phases) for child in Run(done.run).children] == [3, 3]


def test_phases_rehearse_each(nnrun: Nnrun, folder: Path) -> None:
    run = trained(nnrun, folder, "--smoke")
    assert [phase["last_epoch"] for phase in Run(run).phases] == [2, 4, 5]


def outcome(run: Path) -> dict[str, Any]:
    """All that a run came to, but for times and places."""
    newest = snapshots.newest(run / "snapshots")
    assert newest is not None
    files = ("metrics.json", "predictions.csv", "steps.csv")
    return {
        "history": tiny.history(run),
        "phases": Run(run).phases,
        "state": [value.tobytes() for value in newest.arrays("variables").values()],
        **{name: (run / name).read_bytes() for name in files},
    }
