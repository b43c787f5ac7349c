"""The published numbers against ours: `python tests/tasks/results.py [TASK ...]` runs tasks and writes docs/results.*.

tasks.csv says how each task is scored; NAME.yaml is its experiment. Each seed is a process of its own, as a user would
start it. A row that is not run now keeps its scores as long as its config is the same to the byte, and a row is written
as soon as it is known. `--scripts` also times the hand-written scripts of tests/benchmarks. Files come from NNRUN_DATA.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BENCHMARKS = HERE.parent / "benchmarks"
RESULTS = ROOT / "docs" / "results.csv"
PAGE = ROOT / "docs" / "results.md"
SEEDS = (0, 1, 2)
HEADER = (
    *("task", "metric", "seed_0", "seed_1", "seed_2", "mean", "target", "floor", "met"),
    *("config_sha256", "seconds", "seconds_of_script"),
)
INTRODUCTION = """\
# Published results against nnrun's

Each task is one YAML in [`tests/tasks/`](../tests/tasks), with no Python; its head names source, protocol and licence.
A row is **met** when the mean of seeds 0, 1, 2, rounded to the digits of the published number, is at or beyond it, and
beyond the floor, which is a trivial or linear answer. Seconds are wall time of a whole process, the mean of the seeds,
on two shared cores. [`log.md`](log.md) says what was tried. `python tests/tasks/results.py` writes this page.
"""
TABLE = """\
| task | score | seed 0 | seed 1 | seed 2 | mean | target | floor | met | seconds | seconds by hand | source |
|---|---|---|---|---|---|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Task:
    """How a task is scored, what was published, and what a trivial or linear answer reaches."""

    name: str
    verb: str
    part: str
    metric: str
    direction: str
    target: float
    floor: float | None
    digits: int
    source: str

    @property
    def config(self) -> Path:
        """The experiment; `T17-cooling` is another figure of T17.yaml."""
        return HERE / f"{self.name.partition('-')[0]}.yaml"

    @property
    def earlier(self) -> Path | None:
        """The experiment whose network it begins with; None for most."""
        path = HERE / "earlier" / self.config.name
        return path if path.exists() else None

    @property
    def number(self) -> str:
        """The task that it is a row of: T25 of T25b."""
        return self.name[:3]

    @property
    def needs_data(self) -> bool:
        """Whether it reads files that are no part of the repository."""
        return "source: {sklearn: " not in self.config.read_text(encoding="utf-8")

    def met(self, mean: float) -> bool:
        """Whether a mean is at or beyond the target, rounded as the target is, and beyond the floor."""
        sign = 1 if self.direction == "max" else -1
        beyond_floor = self.floor is None or sign * mean > sign * self.floor
        return beyond_floor and sign * round(mean, self.digits) >= sign * self.target


Row = Mapping[str, str]


def tasks() -> dict[str, Task]:
    """What tasks.csv holds, by name."""
    with (HERE / "tasks.csv").open(newline="", encoding="utf-8") as file:
        return {row["task"]: _task(row) for row in csv.DictReader(file)}


def _task(row: Row) -> Task:
    return Task(
        name=row["task"],
        verb=row["verb"],
        part=row["part"],
        metric=row["metric"],
        direction=row["direction"],
        target=float(row["target"]),
        floor=float(row["floor"]) if row["floor"] else None,
        digits=int(row["digits"]),
        source=row["source"],
    )


def sha256(config: Path) -> str:
    """Of the file's bytes, as `sha256sum` tells it."""
    return hashlib.sha256(config.read_bytes()).hexdigest()


def told(task: Task, seed: int, folder: Path) -> tuple[Any, float]:
    """What one seed of a task says through the command line, and the seconds of its processes."""
    common = ["--seed", str(seed), "--runs", str(folder / str(seed)), "-q", "--json"]
    began = time.perf_counter()
    if task.earlier is not None:
        _answer(["train", str(task.earlier), *common], f"{task.name}, what it begins with, seed {seed},")
    answer = _answer([task.verb, str(task.config), *common], f"{task.name}, seed {seed},")
    return answer, time.perf_counter() - began


def _answer(arguments: Sequence[str], who: str) -> Any:
    """What a command says to programs."""
    ended = subprocess.run(
        [sys.executable, "-m", "nnrun", *arguments],
        env={**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH") or str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise SystemExit(f"{who} ended with {ended.returncode}:\n{ended.stderr}")
    return json.loads(ended.stdout)


def score(task: Task, answer: Any) -> float:
    """The number that counts: of a part that was held out, or the mean over the folds."""
    if task.verb == "cv":
        return float(answer["cv"]["metric"][task.metric]["mean"])
    return float(answer["metrics"][task.part][task.metric])


def run(group: Sequence[Task], script_seconds: Mapping[str, str]) -> list[Row]:
    """The rows of tasks that share a config, which is trained once a seed."""
    with tempfile.TemporaryDirectory() as folder:
        answers = [told(group[0], seed, Path(folder)) for seed in SEEDS]
    seconds = statistics.mean(taken for _, taken in answers)
    rows: list[Row] = []
    for task in group:
        scores = [score(task, answer) for answer, _ in answers]
        mean = statistics.mean(scores)
        rows.append({
            "task": task.name,
            "metric": f"{task.part} {task.metric}",
            **{f"seed_{seed}": f"{value:.{task.digits + 2}f}" for seed, value in zip(SEEDS, scores, strict=True)},
            "mean": f"{mean:.{task.digits + 2}f}",
            "target": f"{task.target}",
            "floor": "" if task.floor is None else f"{task.floor}",
            "met": "yes" if task.met(mean) else "no",
            "config_sha256": sha256(task.config),
            "seconds": f"{seconds:.1f}",
            "seconds_of_script": script_seconds.get(task.name, ""),
        })  # fmt: skip
    return rows


def read() -> dict[str, Row]:
    """The rows of docs/results.csv by task."""
    if not RESULTS.exists():
        return {}
    with RESULTS.open(newline="", encoding="utf-8") as file:
        return {row["task"]: row for row in csv.DictReader(file)}


def current(rows: Mapping[str, Row], known: Mapping[str, Task]) -> list[Row]:
    """The rows that still hold, in the order of tasks.csv: those whose config is the same to the byte."""
    there = [(task, rows[name]) for name, task in known.items() if name in rows]
    return [row for task, row in there if task.config.exists() and row["config_sha256"] == sha256(task.config)]


def write(rows: Mapping[str, Row]) -> None:
    """docs/results.csv and the page made from it."""
    kept = current(rows, tasks())
    with RESULTS.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)
    PAGE.write_text(page(kept, tasks()), encoding="utf-8")


def page(rows: Sequence[Row], known: Mapping[str, Task]) -> str:
    """docs/results.md."""
    met = {row["task"] for row in rows if row["met"] == "yes"}
    numbers = sorted({task.number for task in known.values()})
    whole = [number for number in numbers if {name for name, task in known.items() if task.number == number} <= met]
    counted = f"{len(whole)} tasks of {len(numbers)} are met with every row: {', '.join(whole)}. Of {len(known)} rows"
    missing = [name for name in known if name not in {row["task"] for row in rows}]
    told = [f"{counted}, {len(met)} are met.", *([f"Not measured: {', '.join(missing)}."] if missing else [])]
    lines = []
    for row in rows:
        scores = [row[name] for name in ("seed_0", "seed_1", "seed_2", "mean", "target", "floor", "met")]
        cost = [row["seconds"], row["seconds_of_script"], known[row["task"]].source]
        lines.append("| " + " | ".join([row["task"], row["metric"], *scores, *cost]) + " |")
    return "\n".join([INTRODUCTION, *told, "", TABLE, *lines, ""])


def script(name: str) -> str:
    """The seconds of the script that does the same work by hand, as a whole process; the median of three."""
    taken = []
    for _ in SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            command = [sys.executable, str(BENCHMARKS / f"{name}_by_hand.py"), folder]
            subprocess.run(command, check=True, capture_output=True)
            taken.append(time.perf_counter() - began)
    return f"{statistics.median(taken):.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", help="such as T11; default: all that can run here")
    parser.add_argument("--scripts", action="store_true", help="time the hand-written scripts too")
    parser.add_argument("--page", action="store_true", help="run nothing: drop stale rows and write the page again")
    options = parser.parse_args()
    known = tasks()
    there = {name: task for name, task in known.items() if os.environ.get("NNRUN_DATA") or not task.needs_data}
    for name in options.tasks:
        if name not in there:
            parser.error(f"{name}: set NNRUN_DATA" if name in known else f"there is no task {name!r}")
    rows = read()
    chosen = {} if options.page else {name: there[name] for name in options.tasks or there}
    for config in dict.fromkeys(task.config for task in chosen.values()):
        group = [task for task in known.values() if task.config == config]
        scripts = {name: row["seconds_of_script"] for name, row in rows.items()}
        if options.scripts and (BENCHMARKS / f"{config.stem}_by_hand.py").exists():
            scripts[config.stem] = script(config.stem)
        for row in run(group, scripts):
            print(", ".join(f"{name} {row[name]}" for name in HEADER[:9]), f"{row['seconds']} s", flush=True)
            write({**read(), row["task"]: row})  # read again: another process may have written meanwhile
    write(read())


if __name__ == "__main__":
    main()
