"""What `check` warns of before a training: keys of `runtime` without effect, and what nnrun cannot see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnrun import trust
from nnrun.check import examine_file
from nnrun.config import load_config
from nnrun.config.dump import dump
from nnrun.data.files import Roots
from nnrun.devices.plan import plan
from nnrun.devices.probe import Probe

OWN = """
import keras

class Halved(keras.layers.Layer):
    def call(self, inputs):
        return inputs / 2
"""
CPU = {"device": "cpu", "devices": 2}


@pytest.fixture
def warned(tmp_path: Path) -> Any:
    """The warnings of a config, without their places; nothing in it is wrong."""

    def examine(**sections: Any) -> list[str]:
        file = tmp_path / "a.yaml"
        data = {"source": {"sklearn": "digits"}, "split": {"validation": 0.2}}
        file.write_text(dump({"data": data, "model": {"layers": ["Flatten", {"Dense": 4}]}} | sections))
        found = examine_file(file, (), Roots(tmp_path))
        assert found.problems == ()
        assert all(warning.startswith(f"{file}:") for warning in found.warnings)
        return [warning.partition(": ")[2] for warning in found.warnings]

    return examine


@pytest.mark.parametrize(
    ("runtime", "warnings"),
    [
        ({**CPU}, ["one part of the CPU computes, as fast as all of it; `strategy: data_parallel` takes 2 parts"]),
        ({**CPU, "strategy": "one"}, ["`strategy: one` computes on the first of 2 devices"]),
        ({"devices": [0, 3], "strategy": "one"}, ["`strategy: one` computes on the first of 2 devices"]),
        ({"device": "cpu", "memory_growth": False}, ["memory_growth is for GPUs, and has no effect on a CPU"]),
        ({"strategy": "tpu", "memory_growth": False}, ["memory_growth is for GPUs, and has no effect on a TPU"]),
        (
            {"backend": "jax", "device": "gpu", "threads": 2},
            ["JAX computes with threads on a CPU only; threads has no effect on a GPU"],
        ),
    ],
)
def test_check_devices_says_what_has_no_effect(warned: Any, runtime: dict[str, Any], warnings: list[str]) -> None:
    assert warned(runtime=runtime) == warnings


@pytest.mark.parametrize(
    "runtime",
    [
        {},
        {**CPU, "strategy": "mirrored"},
        {"devices": 2},
        {"device": "cpu", "devices": 1, "strategy": "one"},
        {"device": "gpu", "memory_growth": False, "threads": 2},
        {"backend": "jax", "device": "cpu", "threads": 2},
        {"backend": "jax", "threads": 2},
    ],
)
def test_check_devices_is_silent_about_what_has_one(warned: Any, runtime: dict[str, Any]) -> None:
    assert warned(runtime=runtime) == []


def test_check_devices_says_what_it_cannot_see(warned: Any, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN)
    trust.approve(tmp_path / "own.py")
    sections = {"plugins": "own.py", "model": {"layers": ["Flatten", "Halved"]}}
    told = "Halved is your own, and may look across the rows of a batch; nnrun cannot see it"
    assert warned(**sections, runtime={**CPU, "strategy": "mirrored"}) == [told]
    assert warned(**sections, runtime={"remainder": "pad"}) == [told]
    assert warned(**sections, runtime={**CPU, "strategy": "mirrored", "backend": "jax"}) == []
    assert warned(**sections) == []


AVERAGED: dict[str, Any] = {"optimizer": {"Adam": {"use_ema": True}}}
STOPPING = {"EarlyStopping": {"patience": 2, "restore_best_weights": True}}
PUT_BACK = " puts back weights that are not the averages of use_ema; `SwapEMAWeights: {swap_on_epoch: true}`"


@pytest.mark.parametrize(
    ("fit", "who"),
    [
        ({"keep": "best"}, ["`keep: best`"]),
        ({"callbacks": [STOPPING]}, ["EarlyStopping"]),
        ({"keep": "best", "callbacks": ["SwapEMAWeights"]}, ["`keep: best`"]),
        ({"keep": "best", "callbacks": [{"SwapEMAWeights": {"swap_on_epoch": True}}]}, []),
        ({"callbacks": [{"EarlyStopping": {"patience": 2}}]}, []),
        ({}, []),
    ],
)
def test_check_devices_averaged_weights_are_not_those_of_the_best_epoch(
    warned: Any, fit: dict[str, Any], who: list[str]
) -> None:
    assert warned(compile=AVERAGED, fit=fit) == [f"{name}{PUT_BACK} before it takes the averages" for name in who]
    assert warned(fit=fit) == []


def test_check_devices_auto_takes_one_device_for_what_it_cannot_see(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN)
    trust.approve(tmp_path / "own.py")
    file, gpus = tmp_path / "a.yaml", Probe("tensorflow", gpus=("H200", "H200"))
    sections = {
        "data": {"source": {"sklearn": "digits"}},
        "plugins": "own.py",
        "model": {"layers": ["Flatten", "Halved"]},
    }
    for runtime, devices, remainder in (({}, 1, "short"), ({"strategy": "mirrored"}, 2, "drop")):
        file.write_text(dump({**sections, "runtime": runtime}))
        config = load_config(file)
        with config.names():
            found = plan(config, gpus)
        assert (len(found.numbers), found.remainder) == (devices, remainder)
    file.write_text(dump(sections))
    with load_config(file).names():
        line = plan(load_config(file), gpus).line
    assert "one of 2 GPUs, since Halved is your own, and may look across the rows of a batch" in line
