"""A network that learns from a trained one: from an earlier run and in phases, resumed, in folds, and saved alone."""

from __future__ import annotations

import itertools
import pkgutil
import shutil
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

DATA = """\
data:
  source: {csv: table.csv}
  target: kind
  features: [{normalize: [height, weight]}, {one_hot: colour}]
  split: {validation: 0.2, test: 0.2}
fit: {epochs: 3, batch_size: 8}
runtime: {steps_per_execution: 2}
report: {figures: [curves]}
"""
TEACHER = (
    f"{DATA}model: {{layers: [{{Dense: {{units: 16, activation: relu}}}}, BatchNormalization, {{Dropout: 0.3}}]}}\n"
)
STUDENT = f"""{DATA}model: {{layers: [{{Dense: {{units: 4, activation: relu}}}}, {{Dropout: 0.2}}]}}
recipe: {{distillation: {{teacher: {{run: teacher}}, temperature: 4, student_loss_weight: 0.3}}}}
"""
PHASES = f"""{DATA}models:
  teacher:
    layers: [{{Dense: {{units: 16, activation: relu}}}}, BatchNormalization, {{Dropout: 0.3}}]
    outputs: {{Dense: 3}}
  student:
    layers: [{{Dense: {{units: 4, activation: relu}}}}, {{Dropout: 0.2}}]
    outputs: {{Dense: 3}}
compile: {{loss: {{SparseCategoricalCrossentropy: {{from_logits: true}}}}}}
phases:
  - {{name: teach, model: teacher}}
  - {{name: distil, model: student, recipe: {{distillation: {{teacher: teacher, temperature: 4}}}}}}
"""


def trained(nnrun: Nnrun, folder: Path, config: str, *settings: str) -> Path:
    done = nnrun("train", tiny.write(folder, config), *settings)
    assert done.code == 0, done.err
    return done.run


def weights(file: Path) -> list[Any]:
    """The weights of a saved model, opened by Keras alone."""
    found: list[Any] = framework.keras().saving.load_model(file).get_weights()
    return found


def outcome(run: Path) -> dict[str, Any]:
    newest = snapshots.newest(run / "snapshots")
    assert newest is not None
    state = {name: value.tobytes() for name, value in newest.arrays("variables").items()}
    files = {name: (run / name).read_bytes() for name in ("metrics.json", "predictions.csv", "steps.csv")}
    return {"history": tiny.history(run), "state": list(state.values()), **files}


def stopped_at(target: str, call: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal at the n-th call of a function."""
    before, calls = pkgutil.resolve_name(target), itertools.count(1)

    def act(*arguments: Any, **named: Any) -> Any:
        if next(calls) == call:
            signal.raise_signal(signal.SIGTERM)
        return before(*arguments, **named)

    monkeypatch.setattr(target, act)


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of runs in which `teacher` was trained."""
    import nnrun

    folder = tmp_path_factory.mktemp("earlier")
    nnrun.train(tiny.write(folder, TEACHER), name="teacher", runs=folder / "runs")
    return folder / "runs"


@pytest.fixture
def runs(earlier: Path, folder: Path) -> Path:
    shutil.copytree(earlier, folder / "runs", symlinks=True)
    return folder / "runs"


def test_distillation_from_an_earlier_run(
    runs: Path, nnrun: Nnrun, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = runs / "teacher"
    before = (teacher / "model.keras").read_bytes()
    whole = trained(nnrun, folder, STUDENT, "--name", "whole")
    last = tiny.history(whole)[-1]
    parts = float(last["student_loss"]) * 0.3 + float(last["distillation_loss"]) * 0.7
    assert float(last["loss"]) == pytest.approx(parts, rel=1e-5)
    assert float(last["val_distillation_loss"]) > 0
    assert (teacher / "model.keras").read_bytes() == before
    assert [array.shape for array in weights(whole / "model.keras")] == [(4, 4), (4,), (4, 3), (3,)]
    held = snapshots.newest(whole / "snapshots")
    assert held is not None
    assert not [value for value in held.arrays("variables").values() if 16 in value.shape]  # none of the teacher's

    with monkeypatch.context() as patched:
        stopped_at("nnrun.training.steps.Steps.__call__", 4, patched)
        assert nnrun("train", tiny.write(folder, STUDENT), "--name", "broken").code == 128 + signal.SIGTERM
    assert "rows that are held out here" not in (whole / "train.log").read_text()  # of its own split none are
    (teacher / "model.keras").unlink()  # the run has a copy
    resumed = nnrun("resume", "broken")
    assert resumed.code == 0, resumed.err
    assert outcome(resumed.run) == outcome(whole)
    scored = nnrun("evaluate", "broken")
    assert scored.code == 0, scored.err


@pytest.mark.nightly
def test_distillation_from_a_model_of_an_earlier_phase(
    nnrun: Nnrun, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = trained(nnrun, folder, PHASES, "--name", "whole")
    history = tiny.history(whole)
    assert history[0]["distillation_loss"] == "" != history[-1]["distillation_loss"]
    with monkeypatch.context() as patched:
        stopped_at("nnrun.training.steps.Steps.__call__", 10, patched)
        assert nnrun("train", tiny.write(folder, PHASES), "--name", "broken").code == 128 + signal.SIGTERM
    assert Run(folder / "runs" / "broken").phases[-1]["name"] == "distil"
    resumed = nnrun("resume", "broken")
    assert resumed.code == 0, resumed.err
    assert outcome(resumed.run) == outcome(whole)
    taught = trained(nnrun, folder, PHASES, "--name", "taught", "-s", "phases.1.fit={epochs: 1}")
    one, other = (weights(run / "teacher.keras") for run in (whole, taught))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))  # whatever its student learned


@pytest.mark.nightly
@pytest.mark.usefixtures("runs")
def test_distillation_in_folds(nnrun: Nnrun, folder: Path) -> None:
    done = nnrun("cv", tiny.write(folder, STUDENT), "--folds", "2", "-s", "fit.epochs=1")
    assert done.code == 0, done.err
    assert [float(tiny.history(done.run / f"fold-{n}")[-1]["distillation_loss"]) > 0 for n in (1, 2)] == [True, True]
    assert "teacher was trained on" in done.err
    assert "rows that are held out here" in done.err


@pytest.mark.usefixtures("runs")
def test_distillation_refuses_before_training(nnrun: Nnrun, folder: Path) -> None:
    for change, told in (
        ("recipe.distillation.teacher={run: techer}", "there is no run 'techer'"),
        ("recipe.distillation.teacher=teacher", "the config has no models"),
        ("recipe.distillation.teacher={rn: teacher}", "teacher has no key 'rn'"),
        ("recipe.distillation.temperature=0", "temperature of distillation is 0"),
        ("recipe.distillation.student_loss_weight=2", "student_loss_weight of distillation is 2"),
        ("data.features=[{normalize: [height, weight]}]", "was trained on rows of"),
        ("model.outputs={Dense: {units: 5, activation: softmax}}", "and its student (5,)"),
        ("task=regression", "the task is regression"),
        ("runtime.remainder=pad", "knows of no rows that count nothing"),
    ):
        done = nnrun("check", tiny.write(folder, STUDENT), "-s", change)
        assert done.code == 2, change
        assert told in done.err, (change, done.err)
    table = [[*row[:-1], {"a": "b", "b": "c", "c": "d"}[row[-1]]] for row in tiny.rows()]
    done = nnrun("train", tiny.write(folder, STUDENT, table))
    assert done.code == 2
    assert "the teacher teacher tells the classes a, b, c, and its student b, c, d" in done.err
