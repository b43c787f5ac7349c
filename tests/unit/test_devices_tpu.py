"""TensorFlow on a TPU: the way to it, with stand-ins for the four functions that need one; not its numerics."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commandline import environment

import nnrun

CONFIG = """
data: {source: {sklearn: iris}, split: {validation: 30, test: 20}}
model: {layers: [{Dense: {units: 4, activation: relu}}]}
fit: {epochs: 2, batch_size: %d}
report: {figures: []}
runtime: {%s}
"""


def trained(folder: Path, runtime: str, *, name: str | None = None, replicas: int = 2, batch_size: int = 32) -> Any:
    """What a process says that trains on a TPU of so many cores."""
    config = folder / "tpu.yaml"
    config.write_text(CONFIG % (batch_size, runtime), encoding="utf-8")
    own = environment() | ({} if name is None else {"TPU_NAME": name})
    command = [sys.executable, str(Path(__file__).with_name("on_a_tpu.py")), str(config), str(folder), str(replicas)]
    done = subprocess.run(command, env=own, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_devices_tpu_is_connected_to_and_trains_like_one_device(tmp_path: Path) -> None:
    told = trained(tmp_path, "strategy: tpu", name="node-1")
    assert told["told"] == ["resolver node-1", "connected", "initialised", "strategy of Resolver"]
    assert told["device"] == "2 TPUs"
    assert {key: told["plan"][key] for key in ("device", "strategy", "replicas", "remainder")} == {
        "device": "tpu", "strategy": "data_parallel", "replicas": 2, "remainder": "pad",
    }  # fmt: skip
    one = nnrun.load_config(tmp_path / "tpu.yaml", ["runtime.strategy=one", "runtime.device=cpu"])
    alone = nnrun.train(one, runs=tmp_path / "one")
    assert told["metrics"]["test"] == pytest.approx(alone.metrics["test"], abs=1e-5)


def test_devices_tpu_is_computed_on_with_all_of_its_cores(tmp_path: Path) -> None:
    told = trained(tmp_path, "device: tpu, strategy: one")
    assert "TensorFlow computes on all 2 cores of a TPU" in told["error"]


@pytest.mark.nightly
def test_devices_tpu_in_this_machine_is_not_connected_to(tmp_path: Path) -> None:
    told = trained(tmp_path, "device: tpu")
    assert told["told"] == ["resolver local", "initialised", "strategy of Resolver"]


def test_devices_tpu_that_does_not_answer_is_told_with_the_remedy(tmp_path: Path) -> None:
    told = trained(tmp_path, "device: tpu", name="silent")
    assert "TensorFlow cannot use the TPU 'silent': no such TPU was found" in told["error"]
    assert "`runtime: {backend: jax, device: tpu}`" in told["error"]
    assert [path.name for path in tmp_path.iterdir()] == ["tpu.yaml"]  # no run was begun


def test_devices_tpu_has_more_cores_than_the_batch_can_be_parted_among(tmp_path: Path) -> None:
    told = trained(tmp_path, "strategy: tpu", replicas=4, batch_size=30)
    assert "batch_size 30 cannot be parted evenly among 4 replicas" in told["error"]
