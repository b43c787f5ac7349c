"""A kill before every operation on a file, and in the middle of every write: the run goes on to the same bits."""

from __future__ import annotations

from pathlib import Path

import pytest
from breaking import SHARES, killed_and_resumed, reference, settle, spread
from experiments import EXPERIMENTS, ON_DEVICES
from laboratory import CHANGING, WRITES, Fault, every


def some(name: str, points: int) -> int:
    """How many points are tried with every test: half of them on several devices."""
    return points // 2 if name in ON_DEVICES else points


@pytest.mark.parametrize("whole", SHARES)
@pytest.mark.parametrize("name", [*EXPERIMENTS, *ON_DEVICES])
def test_kill_before_an_operation_and_resume_is_bit_identical(name: str, whole: bool, tmp_path: Path) -> None:
    alone = reference(name)
    points = spread(alone.count(CHANGING), None if whole else some(name, 5))
    complaints = every(lambda n: killed_and_resumed(alone, Fault("kill", n), tmp_path / str(n)), points)
    settle("R1", len(points), complaints, name)


@pytest.mark.parametrize("whole", SHARES)
@pytest.mark.parametrize("name", [*EXPERIMENTS, *ON_DEVICES])
def test_kill_in_the_middle_of_a_write_and_resume_is_bit_identical(name: str, whole: bool, tmp_path: Path) -> None:
    alone = reference(name)
    points = spread(alone.count(WRITES), None if whole else some(name, 2))
    complaints = every(lambda n: killed_and_resumed(alone, Fault("torn", n, WRITES), tmp_path / str(n)), points)
    settle("R3", len(points), complaints, name)
