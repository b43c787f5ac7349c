"""Break a command, go on with it, and compare with one that nobody disturbed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from experiments import EXPERIMENTS, ON_DEVICES, Experiment
from identical import Result, differences, result
from laboratory import Ended, Fault, Laboratory, Operation, laboratory
from tally import record

from nnrun.runs.run import runs_in
from nnrun.storage import snapshots

# With the test command some points of each kind; all of them in the nightly run.
SHARES = [pytest.param(False, id="some"), pytest.param(True, id="every", marks=pytest.mark.nightly)]


@dataclass(frozen=True)
class Reference:
    """An experiment that ran undisturbed: its config, how it ended, what it did to files, and how long it took."""

    experiment: Experiment
    config: Path
    code: int
    said: str
    result: Result
    operations: tuple[Operation, ...]
    seconds: float

    @property
    def laboratory(self) -> Laboratory:
        """Where it runs."""
        return laboratory(self.experiment.backend)

    def command(self, *more: str) -> list[str | Path]:
        """The arguments that run it in the current folder."""
        return [self.experiment.verb, self.config, "--runs", "runs", "-q", *more]

    def count(self, letters: str) -> int:
        """How many of its operations have one of the letters."""
        return sum(operation.letter in letters for operation in self.operations)

    def nth(self, fault: Fault) -> str:
        """The operation that a fault breaks, in words."""
        counted = [operation for operation in self.operations if operation.letter in fault.letters]
        return str(counted[fault.number - 1]) if fault.number <= len(counted) else "past the end"


@cache
def reference(name: str) -> Reference:
    """The reference of a named experiment."""
    return undisturbed({**EXPERIMENTS, **ON_DEVICES}[name])


@cache
def undisturbed(experiment: Experiment) -> Reference:
    """Runs an experiment to its end, once in a session."""
    lab = laboratory(experiment.backend)
    config = experiment.write(lab.folder)
    folder = lab.folder / experiment.name
    command: list[str | Path] = [experiment.verb, config, "--runs", "runs", "-q"]
    began = time.monotonic()
    ended = lab.command(command, folder, Fault("count", 0))
    seconds = time.monotonic() - began
    assert ended.code == experiment.code, ended.said
    [run] = runs_in(folder / "runs")
    said = _problem(ended)
    return Reference(experiment, config, ended.code, said, result(run.path), tuple(ended.operations), seconds)


def spread(total: int, most: int | None) -> list[int]:
    """The numbers from 1 to `total`: all, or `most` of them at equal distances."""
    if most is None or total <= most:
        return list(range(1, total + 1))
    return [1 + (2 * place + 1) * total // (2 * most) for place in range(most)]


def resumed(whole: Reference, folder: Path) -> str:
    """Goes on with what lies in `folder`; what is wrong with the end of it, or nothing."""
    return wrong(whole, folder, whole.laboratory.command(whole.command("--resume"), folder))


def wrong(whole: Reference, folder: Path, ended: Ended) -> str:
    """Why a command, and every run in `folder`, did not end as if undisturbed; nothing where they did."""
    if ended.code != whole.code or _problem(ended) != whole.said:
        return f"exit {ended.code} in place of {whole.code}:\n{ended.said}"
    runs = runs_in(folder / "runs")
    if not runs:
        return "there is no run"
    for run in runs:
        other = differences(whole.result, result(run.path))
        if other:
            return f"{run.name} differs in {', '.join(other[:6])}" + (f" and {len(other) - 6} more" * (len(other) > 6))
    return ""


def killed_and_resumed(whole: Reference, fault: Fault, folder: Path) -> str:
    """Kills an experiment by a fault and goes on; a complaint that says how to repeat it, or nothing."""
    name = whole.experiment.name
    ended = whole.laboratory.command(whole.command(), folder, fault)
    if not ended.killed:  # the operation never came: this time there were fewer
        return told(f"{name} {fault}", wrong(whole, folder, ended), folder)
    return told(f"{name} {fault} ({whole.nth(fault)})", resumed(whole, folder), folder)


def settle(promise: str, points: int, complaints: Sequence[str], note: str) -> None:
    """Counts the points of a promise, and fails with every complaint in full."""
    record(promise, points=points, passed=points - len(complaints), note=note)
    assert not complaints, "\n".join(complaints)


def told(point: str, complaint: str, folder: Path) -> str:
    """The complaint with its point; where there is none, the folder goes."""
    if complaint:
        return f"{point}: {complaint} [{folder}]"
    shutil.rmtree(folder)
    return ""


def newest_snapshot(run: Path) -> int:
    """The number of the newest whole snapshot of a run, 0 if there is none."""
    newest = snapshots.newest(run / "snapshots")
    return newest.number if newest else 0


def _problem(ended: Ended) -> str:
    """What a command that failed said was wrong."""
    return ended.err[ended.err.find("nnrun: ") :] if ended.code else ""
