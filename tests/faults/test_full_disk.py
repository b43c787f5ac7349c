"""A full disk at every operation that needs room: exit 74, the last snapshot whole, and the run goes on."""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from breaking import SHARES, Reference, newest_snapshot, reference, resumed, settle, spread, told, undisturbed, wrong
from experiments import EXPERIMENTS, Experiment
from laboratory import NEEDING_ROOM, Ended, Fault, Operation, every, laboratory

MESSAGE = re.compile(r"nnrun: cannot write \S+.*\([\d,]+ bytes free\)")
SNAPSHOT = re.compile(r"(.+)/snapshots/snapshot-(\d+)")


@pytest.mark.parametrize("whole", SHARES)
@pytest.mark.parametrize("mode", ["once", "full"])
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_full_disk_at_an_operation_leaves_the_last_snapshot(name: str, mode: str, whole: bool, tmp_path: Path) -> None:
    alone = reference(name)
    numbers = range(1, alone.count(NEEDING_ROOM) + 1)
    points = list(numbers) if whole else [random.Random(f"{name} {mode}").choice(numbers)]
    complaints = every(lambda n: filled_and_resumed(alone, Fault(mode, n, NEEDING_ROOM), tmp_path / str(n)), points)
    settle("R5", len(points), complaints, f"{name}, {mode}")


@pytest.mark.parametrize("whole", SHARES)
def test_full_disk_of_four_megabytes(whole: bool, tmp_path: Path) -> None:
    """A real one: it is full at another moment for each size of what lies there already."""
    wide = EXPERIMENTS["dense"].config.replace("units: 4", "units: 8192")
    alone = undisturbed(Experiment("wide", "train", wide))
    points = spread(3_900, 24 if whole else 2)  # kilobytes
    complaints = []
    for kilobytes in points:
        folder = tmp_path / str(kilobytes)
        folder.mkdir()
        with _small_disk(folder) as disk:
            (disk / "ballast").write_bytes(bytes(1024 * kilobytes))
            ended = laboratory().command(alone.command(), folder)
            complaint = _complaint(ended)
            (disk / "ballast").unlink()
            _mount("remount,size=64m", disk)
            complaint = complaint or resumed(alone, folder)
            complaints += [f"{kilobytes} KB of 4 MB taken: {complaint}"] if complaint else []
    settle("R5", len(points), complaints, "a disk of 4 MB")


def filled_and_resumed(whole: Reference, fault: Fault, folder: Path) -> str:
    """Runs an experiment on a disk that fills up, makes room, and goes on; a complaint, or nothing."""
    ended = laboratory().command(whole.command(), folder, fault)
    if ended.code == 0:  # what could not be written had a second way, as the link `latest` has
        complaint = wrong(whole, folder, ended)
    else:
        complaint = _complaint(ended) or _lost(folder, fault, ended.operations) or resumed(whole, folder)
    return told(f"{whole.experiment.name} {fault} ({whole.nth(fault)})", complaint, folder)


def _complaint(ended: Ended) -> str:
    """What is wrong with how a command met a full disk."""
    if ended.code != 74:
        return f"exit {ended.code} in place of 74:\n{ended.said}"
    return "" if MESSAGE.search(ended.err) and "Traceback" not in ended.err else f"it said:\n{ended.said}"


def _lost(folder: Path, fault: Fault, operations: Sequence[Operation]) -> str:
    """A snapshot that was finished before the disk was full and is not there."""
    number = 0
    finished: dict[str, int] = {}
    for operation in operations:
        number += operation.letter in fault.letters
        if number >= fault.number:
            break
        if operation.letter == "r" and (match := SNAPSHOT.fullmatch(operation.path)):
            finished[match[1]] = int(match[2])
    for run, last in finished.items():
        if newest_snapshot(folder / "runs" / run) < last:
            return f"snapshot {last} of {run} is lost"
    return ""


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    disk = folder / "runs"
    disk.mkdir()
    _mount("size=4m", disk)
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def _mount(options: str, disk: Path) -> None:
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
