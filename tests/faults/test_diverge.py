"""A training that loses its loss stops at the very batch, and nothing that it leaves holds what is no number (R13)."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import diverging
import numpy as np
import pytest
import watching
from commandline import environment
from diverging import Diverging
from tally import record
from watching import history, seen, train

from nnrun import experiment
from nnrun.errors import DivergedError
from nnrun.model import framework
from nnrun.runs.run import Run
from nnrun.training.state import finite

SHARES = [
    pytest.param(diverging.SOME, id="some"),
    pytest.param(diverging.EVERY, id="every", marks=pytest.mark.nightly),
]


@pytest.fixture
def watched() -> Iterator[None]:
    with watching.watching():
        yield


@pytest.mark.parametrize("chosen", SHARES)
def test_diverge_stops_at_the_very_batch(chosen: list[Diverging], tmp_path: Path) -> None:
    settle(watching.complaints(chosen, tmp_path), len(chosen), "the very batch, TensorFlow")


@pytest.mark.nightly
def test_diverge_stops_at_the_very_batch_on_jax() -> None:
    if importlib.util.find_spec("jax") is None:
        pytest.skip("JAX is not installed: pip install 'nnrun[jax]'")
    path = {"PYTHONPATH": f"{environment()['PYTHONPATH']}:{Path(watching.__file__).parent}"}
    command = [sys.executable, watching.__file__, "jax"]
    done = subprocess.run(command, env={**environment(), **path}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    settle(json.loads(done.stdout), len(diverging.EVERY), "the very batch, JAX")


def settle(complaints: list[str], points: int, note: str) -> None:
    """Counts the configs, and fails with every complaint."""
    record("R13", points=points, passed=points - len(complaints), note=note)
    assert complaints == []


def test_diverge_fifty_different_configs() -> None:
    assert len({one.name for one in diverging.EVERY}) == len(diverging.EVERY) == 50


def test_diverge_weights_that_are_lost_with_the_last_step_of_all(watched: None, tmp_path: Path) -> None:
    """No loss tells of it any more."""
    diverging.write_data(tmp_path)
    lost = Diverging("last", "linear", optimizer=diverging.later(4, "3.0e+38"), source="far", validation=7)
    with pytest.raises(DivergedError, match="weights are not finite any more after epoch 1"):
        train(experiment.load(lost.write(tmp_path), ["fit.epochs=1"]), tmp_path)
    assert Run.open(tmp_path / "runs" / "last").status == "diverged"
    assert all(finite(values) for _, _, values in seen["snapshots"])


def test_diverge_best_weights_that_were_lost_with_the_last_step_are_not_kept(watched: None, tmp_path: Path) -> None:
    """The loss of that epoch was the best so far; what it left is no model."""
    diverging.write_data(tmp_path)
    lost = Diverging("best", "linear", optimizer=diverging.later(10, "3.0e+38"), source="far", validation=7)
    stopping = "fit.callbacks=[{EarlyStopping: {monitor: loss, patience: 9, restore_best_weights: true}}]"
    with pytest.raises(DivergedError):
        train(experiment.load(lost.write(tmp_path), [stopping]), tmp_path)
    found = framework.keras().models.load_model(tmp_path / "runs" / "best" / "model.keras").get_weights()
    assert all(np.isfinite(value).all() for value in found)


def test_diverge_a_validation_loss_that_is_infinite_is_no_divergence(watched: None, tmp_path: Path) -> None:
    """The weights are well, and the rows that they are evaluated on are not trained on: it is recorded."""
    diverging.write_data(tmp_path)
    with np.load(tmp_path / "table.npz") as arrays:
        np.savez(tmp_path / "away.npz", x=arrays["x"][:5] * np.float32(1e25), y=arrays["y"][:5])
    config = Diverging("away", "linear", validation=0).write(tmp_path)
    run = train(experiment.load(config, ["data.validation={npz: away.npz}", "fit.epochs=2"]), tmp_path)
    assert run.status == "complete"
    assert [row["val_loss"] for row in history(run.path)] == ["inf", "inf"]
    assert [where[:2] for where in seen["snapshots"][-2:]] == [(1, 7), (2, 0)]


def test_diverge_with_terminate_on_nan_is_told_the_same(watched: None, tmp_path: Path) -> None:
    """Keras' own callback would end it first, with less to say; it does not cost single steps either."""
    diverging.write_data(tmp_path)
    config = diverging.EVERY[0].write(tmp_path)
    told = []
    for callbacks in (
        [],
        ["fit.callbacks=[{TerminateOnNaN: {raise_error: true}}]"],
        ["fit.callbacks=[TerminateOnNaN]"],
    ):
        with pytest.raises(DivergedError) as error:
            train(experiment.load(config, callbacks), tmp_path)
        told.append(str(error.value))
    assert len(set(told)) == 1
