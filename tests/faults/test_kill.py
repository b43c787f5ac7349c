"""A kill before every operation on a file, and in the middle of every write: the run goes on to the same bits."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from breaking import Reference, killed_and_resumed, reference, resumed, settle, spread, told
from experiments import EXPERIMENTS, ON_DEVICES
from laboratory import CHANGING, WRITES, Fault, every

from nnrun.storage import snapshots

QUICK = [name for name in EXPERIMENTS if name != "phased"]  # which has a share of its own below
PARTED = ("mirrored", "padded", "meshed")  # the devices that are tried with every test; all of them in the nightly run


def shares(most: int, parted: Iterable[str], most_parted: int) -> list[Any]:
    """Of every experiment some points, `most` of them, and all; on several devices fewer, and not of all."""
    quick = {**dict.fromkeys(QUICK, most), **dict.fromkeys(parted, most_parted)}
    some = [pytest.param(name, points, id=f"{name}-some") for name, points in quick.items()]
    whole = [*EXPERIMENTS, *ON_DEVICES]
    return [*some, *(pytest.param(name, None, id=f"{name}-every", marks=pytest.mark.nightly) for name in whole)]


@pytest.mark.parametrize(("name", "most"), shares(3, PARTED, 1))
def test_kill_before_an_operation_and_resume_is_bit_identical(name: str, most: int | None, tmp_path: Path) -> None:
    alone = reference(name)
    points = spread(alone.count(CHANGING), most)
    complaints = every(lambda n: killed_and_resumed(alone, Fault("kill", n), tmp_path / str(n)), points)
    settle("R1", len(points), complaints, name)


def test_kill_in_the_second_phase_and_resume_is_bit_identical(tmp_path: Path) -> None:
    """Some points between the two fits and in the second; all points of both are `phased-every` above."""
    alone = reference("phased")
    first, last = _second_phase(alone)
    seen: list[int] = []

    def check(number: int) -> str:
        folder = tmp_path / str(number)
        alone.laboratory.command(alone.command(), folder, Fault("kill", number))
        seen.append(_phase(folder / "runs" / "phased"))
        return told(f"phased kill {number}", resumed(alone, folder), folder)

    points = [first + 2, *(first + number for number in spread(last - first, 2))]
    complaints = every(check, points)
    assert sorted(seen) == [0, 1, 1]  # the first was killed before the second fit had a snapshot
    settle("R1", len(points), complaints, "phased")


def _second_phase(alone: Reference) -> tuple[int, int]:
    """The operations behind the last row of the first fit, to the last row of the second."""
    changing = [operation for operation in alone.operations if operation.letter in CHANGING]
    rows = [number for number, one in enumerate(changing, 1) if one.letter == "w" and one.path.endswith("history.csv")]
    header, epochs = 1, 2
    return rows[header + epochs - 1], rows[-1]


def _phase(run: Path) -> int:
    """In which fit, counted from 0, the newest snapshot was taken."""
    newest = snapshots.newest(run / "snapshots")
    assert newest is not None
    return int(newest.data("state")["recorded"]["phase"])


@pytest.mark.parametrize(("name", "most"), shares(1, (), 0))
def test_kill_in_the_middle_of_a_write_and_resume_is_bit_identical(name: str, most: int | None, tmp_path: Path) -> None:
    alone = reference(name)
    points = spread(alone.count(WRITES), most)
    complaints = every(lambda n: killed_and_resumed(alone, Fault("torn", n, WRITES), tmp_path / str(n)), points)
    settle("R3", len(points), complaints, name)
