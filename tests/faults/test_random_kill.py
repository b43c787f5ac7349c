"""A kill at any time: at the start, in training, between folds, while reporting, and again while going on."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest
from breaking import SHARES, reference, resumed, settle, told
from experiments import EXPERIMENTS
from laboratory import every, laboratory


@pytest.mark.parametrize("whole", SHARES)
def test_random_kill_and_resume_is_bit_identical(whole: bool, tmp_path: Path) -> None:
    for name in EXPERIMENTS:
        reference(name)  # so that its time is taken while nothing else runs
    points = range(200 if whole else len(EXPERIMENTS))
    complaints = every(lambda point: _killed(point, tmp_path / str(point)), points)
    settle("R2", len(points), complaints, "every third killed again, resuming")


def _killed(point: int, folder: Path) -> str:
    name = list(EXPERIMENTS)[point % len(EXPERIMENTS)]
    draw = random.Random(point)
    whole = reference(name)
    commands = [whole.command(), *([whole.command("--resume")] if point % 3 == 0 else [])]
    times = []
    for command in commands:
        case = laboratory().start(command, folder)
        times.append(draw.uniform(0, 1.3 * whole.seconds))
        time.sleep(times[-1])
        case.signal(signal.SIGKILL)
        case.wait()
    after = ", then ".join(f"{seconds:.3f} s" for seconds in times)
    return told(f"point {point}, {name}, killed after {after}", resumed(whole, folder), folder)
