"""Real tasks with published results, each from a YAML alone: the mean of three seeds reaches the published number."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Task:
    """How a task is scored, what was published, and what a trivial or linear answer reaches."""

    verb: str
    metric: str
    target: float
    floor: float
    source: str


TASKS = {
    "T01": Task("train", "accuracy", 0.8837, 0.1, "Hands-On Machine Learning 2, notebook 10; floor: the largest class"),
    "T11": Task("cv", "r2_score", 0.8667, 0.8137, "Ludwig, examples/kfold_cv; floor: ridge regression"),
    "T12": Task("cv", "accuracy", 0.9736, 0.6274, "Ludwig, examples/kfold_cv; floor: the larger class"),
    "T14": Task("cv", "accuracy", 0.9733, 0.3333, "MachineLearningMastery, Keras tutorial; floor: the largest class"),
}


@pytest.mark.nightly
@pytest.mark.parametrize(
    "name",
    [pytest.param("T01", marks=pytest.mark.data), pytest.param("T11", marks=pytest.mark.data), "T12", "T14"],
)
def test_task_reaches_what_was_published(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if request.node.get_closest_marker("data") and not os.environ.get("NNRUN_DATA"):
        pytest.skip(f"{name} reads files that are no part of the repository: set NNRUN_DATA to their folder")
    task = TASKS[name]
    began = time.perf_counter()
    scores = [score(name, task, seed, tmp_path) for seed in SEEDS]
    mean = statistics.mean(scores)
    with capsys.disabled():
        print(
            f"\n{name}  {task.metric} {mean:.4f} ({', '.join(f'{value:.4f}' for value in scores)})"
            f"  floor {task.floor:.4f}  target {task.target:.4f}  {time.perf_counter() - began:.0f} s  {task.source}"
        )
    assert mean > task.floor
    assert round(mean, 4) >= task.target


def score(name: str, task: Task, seed: int, folder: Path) -> float:
    """The score of one seed, through the command line: of the test part, or the mean over the folds."""
    command = [sys.executable, "-m", "nnrun", task.verb, str(HERE / f"{name}.yaml"), "--seed", str(seed)]
    ended = subprocess.run(
        [*command, "--runs", str(folder), "--name", f"{name}-{seed}", "-q", "--json"],
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    if task.verb == "cv":
        return float(told["cv"]["metric"][task.metric]["mean"])
    return float(told["metrics"]["test"][task.metric])
