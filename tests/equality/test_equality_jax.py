"""JAX over eight parts of a CPU learns what one device learns, through nnrun itself; the rows stand in `on_jax.py`."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import harness
import on_jax
import pytest
from commandline import environment
from harness import Pair

QUICK = [name for name, row in on_jax.ROWS.items() if not row.nightly]
NIGHTLY = [name for name, row in on_jax.ROWS.items() if row.nightly]
STEPS = ("single steps", "seven steps", "steps as it likes")


@pytest.fixture(scope="session", autouse=True)
def jax_is_there() -> None:
    if importlib.util.find_spec("jax") is None:
        pytest.skip("JAX is not installed: pip install 'nnrun[jax]'")


@pytest.fixture(scope="session")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runs of the quick rows."""
    folder = tmp_path_factory.mktemp("on_jax")
    harness.train_table("on_jax", folder, QUICK)
    return folder


@pytest.fixture(scope="session")
def nightly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runs of all other rows."""
    folder = tmp_path_factory.mktemp("on_jax-nightly")
    harness.train_table("on_jax", folder, NIGHTLY, timeout=1800)
    return folder


@pytest.fixture(scope="session")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Where the arrays of two trainings lie."""
    command = [sys.executable, str(Path(__file__).parent / "placing.py"), str(tmp_path_factory.mktemp("placing"))]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


def holds(folder: Path, name: str) -> None:
    """A row's two runs have the same weights, history and metrics, as far as its bounds say."""
    row, runs = on_jax.ROWS[name], harness.pair(folder, name)
    one, several = harness.info(runs.one), harness.info(runs.several)
    told = {**on_jax.SEVERAL, **row.several}
    plan = several["plan"]
    assert (plan["strategy"], len(plan["devices"])) == (told["strategy"], told["devices"])
    assert (one["plan"]["strategy"], one["plan"]["replicas"]) == ("one", 1)
    assert plan["remainder"] == one["plan"]["remainder"] == row.runtime.get("remainder", "short")
    assert one["status"] == several["status"] == "complete"
    assert one.get("kept_epoch") == several.get("kept_epoch")
    assert runs.weights() <= row.weights
    assert runs.history() <= row.history
    assert runs.metrics() <= row.history


@pytest.mark.parametrize("name", QUICK)
def test_a_row_is_equal_on_jax(name: str, quick: Path) -> None:
    holds(quick, name)


@pytest.mark.nightly
@pytest.mark.parametrize("name", NIGHTLY)
def test_a_longer_row_is_equal_on_jax(name: str, nightly: Path) -> None:
    holds(nightly, name)


def test_a_wider_bound_on_jax_says_why() -> None:
    for name, row in on_jax.ROWS.items():
        assert row.why or (row.weights <= 1e-7 and row.history <= 1e-6), name


@pytest.mark.nightly
@pytest.mark.parametrize("suffix", ["", ", model"])
def test_the_number_of_steps_a_call_changes_no_bit_on_jax(suffix: str, nightly: Path) -> None:
    runs = [harness.pair(nightly, name + suffix).several for name in STEPS]
    assert [harness.info(run)["steps_per_call"] for run in runs][:2] == [1, 7]
    for run in runs[1:]:
        assert Pair(runs[0], run).weights() == Pair(runs[0], run).history() == 0


@pytest.mark.nightly
def test_one_program_serves_all_folds_on_jax(nightly: Path) -> None:
    """Shapes are constants on JAX: a program for each length of the last batch, of which the folds have two."""
    for name in ("folds", "folds, model"):
        runs = harness.pair(nightly, name)
        traces = [
            [harness.info(run / f"fold-{number}")["traces"] for number in (1, 2, 3)] for run in (runs.one, runs.several)
        ]
        assert traces[0] == traces[1]


def test_the_batch_size_is_that_of_all_devices(placed: Any) -> None:
    """64 rows on eight devices are eight on each; of a model in four parts, 32 on each of its two halves."""
    assert placed["data"]["batches"] == [[[16, 6], [2, 6]], [[64, 6], [8, 6]]]
    assert placed["model"]["batches"] == [[[16, 6], [8, 6]], [[64, 6], [32, 6]]]


def test_every_device_has_the_whole_model_where_only_rows_are_parted(placed: Any) -> None:
    lie = placed["data"]["variables"]
    assert (lie["dense/kernel"], lie["adam/dense_kernel_momentum"]) == ([6, 8], [6, 8])


def test_the_state_of_the_optimizer_is_parted_with_the_model(placed: Any) -> None:
    """Behind a whole training, each device holds a quarter of what the layout names, and all of what it does not."""
    lie = placed["model"]["variables"]
    kinds = ("momentum", "velocity", "average")
    assert (lie["dense/kernel"], [lie[f"adam/dense_kernel_{kind}"] for kind in kinds]) == ([6, 2], [[6, 2]] * 3)
    assert (lie["dense/bias"], [lie[f"adam/dense_bias_{kind}"] for kind in kinds]) == ([2], [[2]] * 3)
    assert (lie["target/kernel"], [lie[f"adam/target_kernel_{kind}"] for kind in kinds]) == ([8, 3], [[8, 3]] * 3)


def test_the_state_lies_the_same_behind_a_program(placed: Any) -> None:
    """Else the next call, or the next epoch, would be compiled anew: one program trains and one validates."""
    assert (placed["data"]["compiled"], placed["model"]["compiled"]) == (2, 2)


def test_a_layout_that_does_not_fit_is_told_at_its_line_before_training(placed: Any) -> None:
    told = placed["layout"].splitlines()
    places = [line.split(": ", 1) for line in told if line.startswith("refused.yaml:8:")]
    assert [what for _, what in places] == [
        "the layout 'kernel' matches no variable of the model",
        "target/kernel has the size 3 along dimension 1, which 4 devices along 'model' cannot part evenly",
    ]
    assert "    expected: a pattern for one of dense/kernel, dense/bias, target/kernel, target/bias" in told
    assert "    a pattern covers the whole path of a variable: `.*kernel`" in told


def test_more_devices_than_the_process_began_with_are_refused(placed: Any) -> None:
    told = placed["late"]
    assert "this process has computed already" in told
    assert "a process of its own" in told
