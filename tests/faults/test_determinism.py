"""`runtime.determinism: true` has TensorFlow take no operation whose bits may change: what the cookbook needs is left.

On the CPU. Which operations a GPU has no such form of, only one can tell.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from breaking import killed_and_resumed, spread, undisturbed
from commandline import CONFIGS
from experiments import ON_DEVICES, Experiment
from laboratory import CHANGING, Fault, every, laboratory

SETTING = ("-s", "runtime.determinism=true")


@pytest.mark.nightly
def test_determinism_trains_the_cookbook(tmp_path: Path) -> None:
    begin_with_another = ("transfer",)
    configs = [config for config in sorted(CONFIGS.glob("*.yaml")) if config.stem not in begin_with_another]

    def complaint(number: int) -> str:
        config, folder = configs[number], tmp_path / str(number)
        verb = "cv" if "Run: nnrun cv" in config.read_text(encoding="utf-8") else "train"
        ended = laboratory().command([verb, config, "--smoke", "-q", "-s", "report.figures=[]", *SETTING], folder)
        if ended.code:
            return f"{config.name}: exit {ended.code}\n{ended.said}"
        told = json.loads(next((folder / "runs").glob("*-smoke/run.json")).read_text())
        return "" if told["plan"]["determinism"] is True else f"{config.name}: {told['plan']}"

    assert every(complaint, range(len(configs))) == []


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["mirrored", "padded"])
def test_determinism_on_replicas_goes_on_to_the_same_bits(name: str, tmp_path: Path) -> None:
    """To its own: TensorFlow rewrites a graph in other ways there."""
    plain = ON_DEVICES[name]
    runtime = plain.runtime.replace("runtime: {", "runtime: {determinism: true, ")
    whole = undisturbed(Experiment(f"{name}-exact", plain.verb, plain.config, runtime))
    for point in spread(whole.count(CHANGING), 3):
        assert killed_and_resumed(whole, Fault("kill", point), tmp_path / str(point)) == ""
