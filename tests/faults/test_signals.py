"""SIGINT, SIGTERM and SIGHUP at any time: out soon, a whole snapshot from the first step on, and the run goes on."""

from __future__ import annotations

import random
import signal
import statistics
import time
from pathlib import Path

import pytest
from breaking import SHARES, newest_snapshot, resumed, settle, told, undisturbed, wrong
from experiments import lengthened
from laboratory import every, laboratory

from nnrun.runs.run import Run, runs_in

STOPPED = [lengthened("dense", 60), lengthened("functional", 40), lengthened("folded", 12)]
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@pytest.mark.parametrize("whole", SHARES)
def test_signals_leave_a_run_that_resumes_bit_identical(whole: bool, tmp_path: Path) -> None:
    for experiment in STOPPED:
        undisturbed(experiment)
    points = range(100 if whole else len(STOPPED) * len(SIGNALS))
    took: list[float] = []
    complaints = every(lambda point: _signalled(point, tmp_path / str(point), took), points)
    late = statistics.quantiles(took, n=20)[-1]
    note = f"95 of 100 stop within {late:.2f} s"
    print(note)
    settle("R6", len(points), complaints, note)


def _signalled(point: int, folder: Path, took: list[float]) -> str:
    whole = undisturbed(STOPPED[point % len(STOPPED)])
    draw = random.Random(point)
    number, after = SIGNALS[point // len(STOPPED) % len(SIGNALS)], draw.uniform(0, 1.2 * whole.seconds)
    case = laboratory().start(whole.command(), folder)
    time.sleep(after)
    began = time.monotonic()
    case.signal(number)
    ended = case.wait()
    took.append(time.monotonic() - began)
    if ended.code == 0:  # it had ended, or was about to
        complaint = wrong(whole, folder, ended)
    elif ended.code != 128 + number:
        complaint = f"exit {ended.code} in place of {128 + number}:\n{ended.said}"
    else:
        complaint = "; ".join(_without_snapshot(folder / "runs")) or resumed(whole, folder)
    name = whole.experiment.name
    return told(f"point {point}, {name}, {signal.Signals(number).name} after {after:.3f} s", complaint, folder)


def _without_snapshot(runs: Path) -> list[str]:
    """The runs that made a step and have nothing to go on from."""
    found = [inner for run in runs_in(runs) for inner in (run, *run.children)]
    return [f"{run.name} has no snapshot" for run in found if _stepped(run) and not newest_snapshot(run.path)]


def _stepped(run: Run) -> bool:
    return bool(run.steps or run.history)
