"""`runtime.precision`: what computes in half the bits, and what does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tiny
from commandline import Nnrun

from nnrun.model import framework
from nnrun.storage import snapshots

NO_FIGURES = ("-s", "report.figures=[]")
MIXED = ("mixed_bfloat16", "mixed_float16")


def kinds(run: Path) -> dict[str, str]:
    """The dtype of every variable of the last snapshot, weights, optimizer and metrics, by its path."""
    newest = snapshots.newest(run / "snapshots")
    assert newest is not None
    return {name.partition("/")[2]: value.dtype.name for name, value in newest.arrays("variables").items()}


def layers(run: Path) -> dict[str, Any]:
    model = framework.keras().saving.load_model(run / "model.keras")
    return {layer.name: (layer.variable_dtype, layer.compute_dtype) for layer in model.layers}


@pytest.mark.parametrize("precision", MIXED)
def test_precision_leaves_weights_and_outputs_in_float32(nnrun: Nnrun, folder: Path, precision: str) -> None:
    done = nnrun("train", tiny.write(folder), "-s", f"runtime.precision={precision}", *NO_FIGURES)
    assert done.code == 0, done.err
    half = precision.removeprefix("mixed_")
    assert layers(done.run) == {"dense": ("float32", half), "kind": ("float32", "float32")}
    assert set(kinds(done.run).values()) == {"float32", "int64"}
    assert tiny.read_json(done.run / "run.json")["keras"]["dtype_policy"] == precision
    assert f"precision: {precision}\n" in (done.run / "resolved.yaml").read_text()
    assert framework.keras().config.dtype_policy().name == "float32"  # of the process, which may be a notebook's


def test_precision_float16_scales_the_loss(nnrun: Nnrun, folder: Path) -> None:
    """Else small gradients would vanish; Keras does it by itself where the model's policy says so."""
    found = {}
    for precision in ("float32", *MIXED):
        done = nnrun("train", tiny.write(folder), "-s", f"runtime.precision={precision}", *NO_FIGURES)
        found[precision] = any("dynamic_scale" in name for name in kinds(done.run))
    assert found == {"float32": False, "mixed_bfloat16": False, "mixed_float16": True}


def test_precision_trains_on_jax(nnrun_process: Nnrun, folder: Path) -> None:
    """The loop hands every variable on in the dtype that it came in, also those of the loss scale."""
    pytest.importorskip("jax", reason="the extra `jax` is not installed")
    settings = ("-s", "runtime.backend=jax", "-s", "runtime.precision=mixed_float16")
    done = nnrun_process("train", tiny.write(folder), *settings, *NO_FIGURES)
    assert done.code == 0, done.err
    found = kinds(folder / done.run)
    assert any("dynamic_scale" in name for name in found)
    assert set(found.values()) <= {"float32", "int32", "uint32"}
    losses = [float(row["loss"]) for row in tiny.history(folder / done.run)]
    assert len(losses) == 3
    assert losses[-1] < losses[0]


def test_precision_of_a_run_that_goes_on_cannot_change(nnrun: Nnrun, folder: Path) -> None:
    trained = nnrun("train", tiny.write(folder), *NO_FIGURES)
    done = nnrun("resume", trained.run, "-s", "runtime.precision=mixed_bfloat16", "-s", "fit.epochs=5")
    assert done.code == 2
    assert 'runtime.precision is "mixed_bfloat16", and the run was begun with nothing there' in done.err


def test_precision_of_a_layer_that_says_its_own(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.CONFIG.replace("activation: relu", "activation: relu, dtype: float32")
    done = nnrun("train", tiny.write(folder, config), "-s", "runtime.precision=mixed_bfloat16", *NO_FIGURES)
    assert done.code == 0, done.err
    assert layers(done.run)["dense"] == ("float32", "float32")
