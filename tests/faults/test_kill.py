"""A kill before every operation on a file, and in the middle of every write: the run goes on to the same bits."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from breaking import killed_and_resumed, reference, settle, spread
from experiments import EXPERIMENTS, ON_DEVICES
from laboratory import CHANGING, WRITES, Fault, every

PARTED = ("mirrored", "padded", "meshed")  # the devices that are tried with every test; all of them in the nightly run


def shares(most: int, parted: Iterable[str], most_parted: int) -> list[Any]:
    """Of every experiment some points, `most` of them, and all; on several devices fewer, and not of all."""
    quick = {**dict.fromkeys(EXPERIMENTS, most), **dict.fromkeys(parted, most_parted)}
    some = [pytest.param(name, points, id=f"{name}-some") for name, points in quick.items()]
    whole = [*EXPERIMENTS, *ON_DEVICES]
    return [*some, *(pytest.param(name, None, id=f"{name}-every", marks=pytest.mark.nightly) for name in whole)]


@pytest.mark.parametrize(("name", "most"), shares(5, PARTED, 2))
def test_kill_before_an_operation_and_resume_is_bit_identical(name: str, most: int | None, tmp_path: Path) -> None:
    alone = reference(name)
    points = spread(alone.count(CHANGING), most)
    complaints = every(lambda n: killed_and_resumed(alone, Fault("kill", n), tmp_path / str(n)), points)
    settle("R1", len(points), complaints, name)


@pytest.mark.parametrize(("name", "most"), shares(2, (), 0))
def test_kill_in_the_middle_of_a_write_and_resume_is_bit_identical(name: str, most: int | None, tmp_path: Path) -> None:
    alone = reference(name)
    points = spread(alone.count(WRITES), most)
    complaints = every(lambda n: killed_and_resumed(alone, Fault("torn", n, WRITES), tmp_path / str(n)), points)
    settle("R3", len(points), complaints, name)
