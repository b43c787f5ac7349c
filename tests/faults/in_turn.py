"""Trainings of one process in turn, on several devices and on one: `python in_turn.py tensorflow FOLDER`.

Prints for each its run, and on how many devices each of its networks lay. Those on several come first: a process that
has computed cannot part its CPU any more.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from unittest import mock

from nnrun import experiment
from nnrun.experiment import Options
from nnrun.model import distribution, framework
from nnrun.training.network import Network, Networks

# One row has a colour of its own: where a fold holds it out, the input is another and the network is built anew.
CONFIG = """\
data:
  source: {{csv: table.csv}}
  target: kind
  features: [{{normalize: [height, weight]}}, {{one_hot: colour}}]
  split: {{validation: 12, test: 6, strategy: random}}
model: {{layers: [{{Dense: {{units: 4, activation: relu}}}}]}}
fit: {{epochs: 2, batch_size: 8}}
cv: {{folds: 3}}
runtime: {{backend: {backend}, device: cpu, remainder: drop}}
report: {{figures: []}}
"""
TWO = ("runtime.devices=2", "runtime.strategy=data_parallel")
TURNS = [("train", TWO), ("cv", TWO), ("train", ()), ("train", TWO)]


def write(folder: Path, backend: str) -> Path:
    """The config, and its data beside it."""
    colours = ["green", *(("red", "blue")[place % 2] for place in range(1, 42))]
    rows = [
        f"{place * place % 13},{place % 3 * 10 + place % 5},{colour},{'abc'[place % 3]}"
        for place, colour in enumerate(colours)
    ]
    (folder / "table.csv").write_text("\n".join(["height,weight,colour,kind", *rows]) + "\n")
    path = folder / "turn.yaml"
    path.write_text(CONFIG.format(backend=backend))
    return path


def devices(model: Any) -> int:
    """On how many devices the weights of a network lie."""
    (kernel, *_) = model.trainable_variables
    held = kernel.value
    return len(held.sharding.device_set) if hasattr(held, "sharding") else len(getattr(kernel._value, "values", [0]))


def left() -> int:
    """On how many devices a variable lies that is made between two trainings."""
    with distribution.scope():
        return devices(framework.keras().Sequential([framework.keras().Input((2,)), framework.keras().layers.Dense(1)]))


def main(backend: str, folder: Path) -> list[dict[str, Any]]:
    """Trains in turn."""
    config, told, make = write(folder, backend), [], Networks.network
    for verb, overrides in TURNS:
        found: list[int] = []

        def network(*given: Any, found: list[int] = found, **named: Any) -> Network:
            made = make(*given, **named)
            found.append(devices(made.model))
            return made

        with mock.patch.object(Networks, "network", network):
            loaded = experiment.load(config, overrides, cross_validation=verb == "cv")
            act = experiment.cross_validate if verb == "cv" else experiment.train
            run = act(loaded, Options(runs=folder / "runs"))
        told.append({"run": str(run.path), "devices": found, "left": left()})
    return told


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]))))
