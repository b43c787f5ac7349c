"""Several models of which each phase trains one: layers are shared, and a run of them goes on to the same bits."""

from __future__ import annotations

import io
import itertools
import pkgutil
import signal
import zipfile
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
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
models:
  encoder:
    layers: [{Dense: {units: 4, activation: relu, name: inner}}, BatchNormalization, {Dropout: 0.2}]
  pretraining:
    layers: [{encoder: {name: code}}]
    outputs: {first: {Dense: {units: 3, from: code}}, second: {Dense: {units: 3, from: code}}}
    losses: {small: {ops.square: {from: code}}}
  classifier:
    layers: [{encoder: {trainable: false}}, {Dense: {units: 4, activation: relu}}]
fit: {batch_size: 8}
phases:
  - {name: begin, model: pretraining, fit: {epochs: 2}}
  - {name: head, model: classifier, compile: {optimizer: {Adam: 1e-2}, metrics: [accuracy]}, fit: {epochs: 2}}
  - {name: fine_tune, model: classifier, trainable: {encoder: true}, compile: {metrics: [accuracy]}, fit: {epochs: 2}}
runtime: {steps_per_execution: 2}
report: {figures: [curves]}
"""


def weights(file: Path) -> dict[str, list[Any]]:
    """The weights of a saved model, by layer; it opens in plain Keras."""
    model = framework.keras().saving.load_model(file, compile=False)
    return {layer.name: layer.get_weights() for layer in model.layers if layer.get_weights()}


def written(file: Path) -> set[str]:
    """What the weights of a saved model are parted into."""
    with zipfile.ZipFile(file) as parts, h5py.File(io.BytesIO(parts.read("model.weights.h5"))) as stored:
        return set(stored)


def trained(nnrun: Nnrun, folder: Path, *settings: str) -> Path:
    done = nnrun("train", tiny.write(folder, CONFIG), *settings)
    assert done.code == 0, done.err
    return done.run


def test_family_shares_the_layers_that_a_model_calls(nnrun: Nnrun, folder: Path) -> None:
    run = trained(nnrun, folder, "-s", "phases.2={name: more, model: classifier, fit: {epochs: 1}}")
    first, last = weights(run / "pretraining.keras"), weights(run / "model.keras")
    for file in ("pretraining.keras", "model.keras"):  # each by itself, without the weights of the other
        assert written(run / file) <= {"layers", "vars", "optimizer"}
    shared = {name for name in last if name.startswith("encoder.")}
    assert shared == {"encoder.inner", "encoder.batch_normalization"} == shared & set(first)
    for name in shared:  # frozen in the second phase, the statistics of its normalization too
        assert all(np.array_equal(a, b) for a, b in zip(first[name], last[name], strict=True))
    tuned = weights(trained(nnrun, folder, "--name", "tuned") / "model.keras")
    assert not np.array_equal(first["encoder.inner"][0], tuned["encoder.inner"][0])
    told = [(phase["name"], phase["model"], phase["trainable"], phase["frozen"]) for phase in Run(run).phases]
    norm, head = 8, 4 * 4 + 4 + 4 * 3 + 3
    inner = sum(weight.size for weight in last["encoder.inner"])
    assert told == [
        ("begin", "pretraining", inner + norm + 2 * 15, norm),
        ("head", "classifier", head, inner + 2 * norm),
        ("more", "classifier", head, inner + 2 * norm),
    ]


def test_family_history_has_the_columns_of_each_model(nnrun: Nnrun, folder: Path) -> None:
    history = tiny.history(trained(nnrun, folder))
    assert [row["epoch"] for row in history] == ["1", "2", "3", "4", "5", "6"]
    assert history[0].get("accuracy", "") == ""
    assert 0 <= float(history[2]["accuracy"]) <= 1


@pytest.mark.nightly
def test_family_resolved_config_is_the_same_run(nnrun: Nnrun, folder: Path) -> None:
    run = trained(nnrun, folder)
    text = (run / "resolved.yaml").read_text()
    (folder / "again.yaml").write_text(text.replace("name: config", "name: again"))
    done = nnrun("train", folder / "again.yaml", "--name", "again")
    assert done.code == 0, done.err
    one, other = tiny.history(run), tiny.history(done.run)
    assert [row["loss"] for row in one] == [row["loss"] for row in other]


@pytest.mark.nightly
def test_family_begins_with_no_other_run(nnrun: Nnrun, folder: Path) -> None:
    trained(nnrun, folder)
    done = nnrun("train", tiny.write(folder, CONFIG), "--name", "other", "--init-from", "tiny")
    assert done.code != 0
    assert "these phases train several" in done.err
    assert "Traceback" not in done.err


@pytest.mark.nightly
def test_family_answers_with_the_last_model(nnrun: Nnrun, folder: Path) -> None:
    run = trained(nnrun, folder)
    done = nnrun("evaluate", run)
    assert done.code == 0, done.err
    assert "accuracy" in done.out


def test_family_in_folds(nnrun: Nnrun, folder: Path) -> None:
    done = nnrun("cv", tiny.write(folder, CONFIG), "--folds", "2")
    assert done.code == 0, done.err
    folds = [weights(done.run / f"fold-{number}" / "model.keras")["encoder.inner"][0] for number in (1, 2)]
    assert not np.array_equal(*folds)


MOMENTS = {
    "in the first": ("nnrun.training.steps.Steps.__call__", 3),
    "between the first and the second": ("nnrun.training.network.Networks.compiled_anew", 1),
    "in the second": ("nnrun.training.steps.Steps.__call__", 8),
    "between the second and the third": ("nnrun.training.network.Networks.compiled_anew", 2),
    "in the third": ("nnrun.training.steps.Steps.__call__", 15),
}
SOME = [
    pytest.param(moment, marks=() if moment == "between the second and the third" else pytest.mark.nightly)
    for moment in MOMENTS
]


@pytest.mark.parametrize("moment", SOME)
def test_family_goes_on_to_the_same_bits(
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


def outcome(run: Path) -> dict[str, Any]:
    """All that a run came to, but for times and places."""
    newest = snapshots.newest(run / "snapshots")
    assert newest is not None
    files = ("metrics.json", "predictions.csv", "steps.csv")
    return {
        "history": tiny.history(run),
        "phases": Run(run).phases,
        "state": [value.tobytes() for value in newest.arrays("variables").values()],
        "pretraining": [v.tobytes() for v in weights(run / "pretraining.keras")["encoder.inner"]],
        **{name: (run / name).read_bytes() for name in files},
    }
