"""`loss_weights: uncertainty`: logged, resumed to the same bits, and not in the saved model."""

from __future__ import annotations

import itertools
import pkgutil
import signal
from pathlib import Path
from typing import Any

import pytest
import tiny
from commandline import Nnrun

from nnrun.model import framework
from nnrun.storage import snapshots

CONFIG = """\
data:
  source: {csv: table.csv}
  target: [weight, kind]
  features: [{normalize: [height, family]}, {one_hot: colour}]
  split: {validation: 0.2, test: 0.2}
model:
  layers: [{Dense: {units: 4, activation: relu, name: shared}}]
  outputs:
    weight: {Dense: 1}
    kind: {Dense: {units: 3, activation: softmax, from: shared}}
compile: {loss: {weight: mae, kind: sparse_categorical_crossentropy}, loss_weights: uncertainty}
fit: {epochs: 3, batch_size: 8, keep: best}
runtime: {steps_per_execution: 2}
report: {figures: [curves]}
"""
SIGMAS = ("weight_sigma", "kind_sigma")


def outcome(run: Path) -> dict[str, Any]:
    newest = snapshots.newest(run / "snapshots")
    assert newest is not None
    state = [value.tobytes() for value in newest.arrays("variables").values()]
    files = {name: (run / name).read_bytes() for name in ("metrics.json", "predictions.csv", "steps.csv")}
    return {"history": tiny.history(run), "state": state, **files}


def test_uncertainty_is_logged_and_not_in_the_saved_model(nnrun: Nnrun, folder: Path) -> None:
    whole = nnrun("train", tiny.write(folder, CONFIG))
    assert whole.code == 0, whole.err
    first, last = tiny.history(whole.run)[0], tiny.history(whole.run)[-1]
    assert all(float(first[name]) != float(last[name]) > 0 for name in SIGMAS)
    model = framework.keras().saving.load_model(whole.run / "model.keras")
    assert model.count_params() == (4 * 4 + 4) + (4 + 1) + (4 * 3 + 3)


@pytest.mark.nightly
def test_uncertainty_goes_on_to_the_same_bits(nnrun: Nnrun, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tiny.write(folder, CONFIG)
    whole = nnrun("train", config, "--name", "whole")
    before, calls = pkgutil.resolve_name("nnrun.training.steps.Steps.__call__"), itertools.count(1)

    def act(*arguments: Any, **named: Any) -> Any:
        if next(calls) == 4:
            signal.raise_signal(signal.SIGTERM)
        return before(*arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr("nnrun.training.steps.Steps.__call__", act)
        assert nnrun("train", config, "--name", "broken").code == 128 + signal.SIGTERM
    resumed = nnrun("resume", "broken")
    assert resumed.code == 0, resumed.err
    assert outcome(resumed.run) == outcome(whole.run)


@pytest.mark.nightly
def test_uncertainty_of_a_run_that_another_begins_with(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder, CONFIG)
    assert nnrun("train", config, "--name", "whole").code == 0
    scored = nnrun("evaluate", "whole")
    assert scored.code == 0, scored.err
    again = nnrun("train", config, "--name", "again", "--init-from", "whole")
    assert again.code == 0, again.err
    assert float(tiny.history(again.run)[0]["loss"]) < float(tiny.history(folder / "runs" / "whole")[0]["loss"])


def test_uncertainty_wants_several_outputs(nnrun: Nnrun, folder: Path) -> None:
    done = nnrun("check", tiny.write(folder, tiny.CONFIG), "-s", "compile={loss_weights: uncertainty}")
    assert done.code == 2
    assert "weighs the losses of several outputs, and one is trained" in done.err
    done = nnrun("check", tiny.write(folder, CONFIG), "-s", "compile.loss_weights=uncertain")
    assert done.code == 2
    assert "or uncertainty" in done.err
