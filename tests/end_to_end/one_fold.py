"""Folds by hand: one alone, with nothing that another has left behind; or many, with the memory after each.

python one_fold.py alone CONFIG RUNS 3
python one_fold.py memory CONFIG RUNS
"""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path

from nnrun import experiment
from nnrun.experiment import Options
from nnrun.model import framework
from nnrun.runs.run import Run
from nnrun.storage import snapshots
from nnrun.studies.plan import plan
from nnrun.training.network import Networks
from nnrun.training.progress import Progress
from nnrun.training.recorder import Recorder
from nnrun.training.stopping import Stop
from nnrun.training.trainer import Job, train


def alone(path: Path, runs: Path, number: int) -> Run:
    """Trains one fold of a cross validation as a run of its own, with a network of its own."""
    config = experiment.load(path, cross_validation=True)
    framework.use(config.runtime.backend)
    dataset = experiment.read_data(config, Options())
    planned = plan(config, dataset)
    parts = planned.splits[number - 1]
    files = {"config.yaml": config.written, "data.json": {"format": 1}}
    recorder = Recorder.new(runs, f"alone-{number}", {"kind": "train", "seed": config.seed}, [], files)
    watch = None if planned.inner else parts.test
    train(Job(config, dataset, parts, recorder, Progress(), Stop(), Networks(), watch, number))
    return Run.open(recorder.path)


def final_variables(run: Path) -> dict[str, str]:
    """Every variable of the last snapshot, in bits: weights, statistics, seed generators, optimizer."""
    newest = snapshots.newest(run / "snapshots")
    assert newest is not None
    return {name: f"{value.dtype} {value.tobytes().hex()}" for name, value in newest.arrays("variables").items()}


class Memory(Progress):
    """Counts what the process holds, in MB, at the end of each fold."""

    def __init__(self) -> None:
        self.held: list[float] = []

    def end(self) -> None:
        gc.collect()
        status = Path("/proc/self/status").read_text().splitlines()
        [line] = [line for line in status if line.startswith("VmRSS")]
        self.held.append(int(line.split()[1]) / 1024)


if __name__ == "__main__":
    what, config, runs = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if what == "alone":
        print(alone(config, runs, int(sys.argv[4])).path)
    else:
        memory = Memory()
        experiment.cross_validate(experiment.load(config, cross_validation=True), Options(runs=runs, progress=memory))
        print(json.dumps(memory.held))
