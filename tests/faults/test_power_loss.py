"""R4: whatever a cut of the power leaves of the disk, nothing is lost that was said to be safe."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import numpy as np
import pytest
import tally
from power import Node, State, Sync, Workbench, on_disk, sample, whole
from recording import Disk, recording

from nnrun.storage import snapshots
from nnrun.storage.append import Appender, append_line, cut
from nnrun.storage.atomic import write_json, write_npz, write_text
from nnrun.storage.folders import create_run_folder, point_latest

ROWS = 60
STATES = 10_000
RUN = "runs/cnn"
HEADER = "epoch,loss\n"
HISTORY = HEADER + "".join(f"{row},{1 / row!r}\n" for row in range(1, ROWS + 1))


@cache
def content(row: int) -> tuple[dict[str, Any], dict[str, dict[str, np.ndarray[Any, Any]]], dict[str, Any]]:
    """What the snapshot after a row holds."""
    rng = np.random.default_rng(row)
    return (
        {"epoch": row, "config": "3f2a"},
        {"model": {"kernel": rng.random((9, 8)), "bias": rng.random(8, np.float32)}, "best": {"kernel": rng.random(8)}},
        {"callbacks": {"wait": row % 3, "best": float("inf") if row < 20 else 1 / row}},
    )


@dataclass
class Scenario:
    """A run as the storage writes it, and what it may promise at each moment: marks of the recorded disk.

    Marks: `(file, text)` under "begun" and "kept"; the rows that last under the table's name; "snapshot", its number.
    """

    disk: Disk
    rows: dict[int, int] = field(default_factory=dict)  # by a snapshot's number, the row after which it was taken

    def play(self) -> None:
        runs = self.disk.folder
        run = create_run_folder(Path(runs) / "runs", "cnn")
        self.disk.mark("folder")
        self.keep(run / "config.yaml", "model: {layers: [Dense: 10]}\n" * 40)
        self.keep(run / "run.json", '{"status": "running"}\n')
        point_latest(run.parent, run)
        write_npz(run / "splits.npz", {"train": np.arange(100)})
        append_line(run / "train.log", "begun")
        history, steps = (
            Appender(run / "history.csv", ["epoch", "loss"]),
            Appender(run / "steps.csv", ["epoch", "loss"]),
        )
        for row in range(1, 31):
            self.row(history, row)
            self.row(steps, row)
            if row % 6 == 0:
                self.snapshot(run, row)
        # The process is killed while it writes a snapshot, and another one goes on from the last one.
        history.close()
        steps.close()
        left = run / "snapshots" / "snapshot-99.tmp"
        left.mkdir()
        (left / "model.npz").write_bytes(b"half")
        found = snapshots.newest(run / "snapshots")
        assert found is not None
        self.disk.mark("steps.csv", 24)
        cut(run / "steps.csv", "epoch", 24)
        history, steps = (
            Appender(run / "history.csv", ["epoch", "loss"]),
            Appender(run / "steps.csv", ["epoch", "loss"]),
        )
        for row in range(25, 31):
            steps.row({"epoch": row, "loss": 1 / row})
        for row in range(31, ROWS + 1):
            self.row(history, row)
            if row % 5 == 0:
                self.snapshot(run, row)
            if row % 20 == 0:
                self.keep(run / "run.json", f'{{"status": "running", "row": {row}}}\n')
        history.close()
        self.disk.mark("history.csv", ROWS)
        steps.close()
        self.disk.mark("steps.csv", 30)
        write_json(run / "figures" / "facts.json", {"best": 0.5})
        self.keep(run / "metrics.json", '{"test": {"loss": 0.5}}\n')
        self.keep(run / "run.json", '{"status": "complete"}\n')

    def keep(self, path: Path, text: str) -> None:
        self.disk.mark("begun", (path.name, text))
        write_text(path, text)
        self.disk.mark("kept", (path.name, text))

    def row(self, table: Appender, row: int) -> None:
        table.row({"epoch": row, "loss": 1 / row})
        if row % 4 == 0:
            table.sync()
            self.disk.mark(table.path.name, row)

    def snapshot(self, run: Path, row: int) -> None:
        about, arrays, data = content(row)
        taken = snapshots.write(run / "snapshots", about, arrays, data)
        self.rows[taken.number] = row
        self.disk.mark("snapshot", taken.number)


@dataclass
class Promise:
    """What holds at one moment."""

    folder: bool = False
    snapshot: int = 0
    kept: dict[str, str] = field(default_factory=dict)
    possible: dict[str, set[str | None]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def learn(self, label: str, value: Any) -> None:
        if label == "folder":
            self.folder = True
        elif label == "snapshot":
            self.snapshot = value
        elif label == "begun":
            self.possible.setdefault(value[0], {None}).add(value[1])
        elif label == "kept":
            self.possible[value[0]] = {value[1]}
        else:
            self.rows[label] = value


class Reader:
    """What the storage finds in a state of the disk. Equal parts of states are read once."""

    def __init__(self, folder: Path, rows: dict[int, int]) -> None:
        self.bench = Workbench(folder)
        self.rows = rows
        self._tables: dict[bytes, str] = {}
        self._newest: dict[frozenset[tuple[str, bytes | str | None]], tuple[int, bool]] = {}

    def table(self, content: bytes) -> str:
        """The rows that a run finds that goes on."""
        if content not in self._tables:
            path = self.bench.folder / "table.csv"
            path.write_bytes(content)
            Appender(path, ["epoch", "loss"]).close()
            self._tables[content] = path.read_text()
        return self._tables[content]

    def newest(self, state: State) -> tuple[int, bool]:
        """The number of the newest snapshot, 0 if there is none, and whether it is what was written."""
        prefix = f"{RUN}/snapshots"
        part = {name[len(RUN) + 1 :]: held for name, held in state.items() if name.startswith(prefix)}
        key = frozenset(part.items())
        if key not in self._newest:
            self.bench.show(part)
            found = snapshots.newest(self.bench.folder / "snapshots")
            self._newest[key] = (found.number, intact(found, self.rows[found.number])) if found else (0, True)
        return self._newest[key]


def broken(scenario: Scenario, folder: Path, states: int, seed: int = 0) -> Iterator[str]:
    """Of as many states that a cut may leave, at every moment alike, the promises that they break."""
    disk, random = scenario.disk, Random(seed)
    folder.mkdir()
    reader = Reader(folder, scenario.rows)
    moments = len(disk.operations) + 1
    marks, promise, now = sorted(disk.marks, key=lambda mark: mark[0]), Promise(), disk.after(0)
    for moment in range(moments):
        if moment:
            now.do(disk.operations[moment - 1])
        while marks and marks[0][0] <= moment:
            promise.learn(*marks.pop(0)[1:])
        for _ in range(states // moments + (moment < states % moments)):
            for what in faults(reader, sample(now, random), promise):
                yield f"after {moment} of {moments - 1} operations: {what}"


def faults(reader: Reader, state: State, promise: Promise) -> Iterator[str]:
    """What one state breaks of the promise, read by the storage itself."""
    if promise.folder and RUN not in state:
        yield "the run folder is gone"
    for name, possible in promise.possible.items():
        found = state.get(f"{RUN}/{name}")
        if (found.decode() if isinstance(found, bytes) else None) not in possible:
            yield f"{name} is neither old nor new"
    for name in ("history.csv", "steps.csv"):
        content = state.get(f"{RUN}/{name}")
        kept = reader.table(content) if isinstance(content, bytes) else HEADER
        rows, promised = kept.count("\n") - 1, promise.rows.get(name, 0)
        if not HISTORY.startswith(kept) or rows < promised:
            yield f"{name} has {rows} rows of {promised}"
    number, whole = reader.newest(state)
    if number < promise.snapshot:
        yield f"snapshot {promise.snapshot} is gone, the newest is {number}"
    elif not whole:
        yield f"snapshot {number} is not what was written"


def intact(snapshot: snapshots.Snapshot, row: int) -> bool:
    about, arrays, data = content(row)
    return (
        {key: snapshot.manifest[key] for key in about} == about
        and all(same(snapshot.arrays(name), group) for name, group in arrays.items())
        and all(snapshot.data(name) == value for name, value in data.items())
    )


def same(found: dict[str, Any], written: dict[str, np.ndarray[Any, Any]]) -> bool:
    return list(found) == list(written) and all(
        found[name].dtype == array.dtype and found[name].tobytes() == array.tobytes() for name, array in written.items()
    )


@pytest.fixture(autouse=True)
def _no_real_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody cuts the power of this machine."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def recorded(folder: Path, mistake: Callable[[Disk], Any] | None = None) -> Scenario:
    folder.mkdir()
    with recording(folder) as disk, mistake(disk) if mistake else nullcontext():
        scenario = Scenario(disk)
        scenario.play()
    return scenario


def without_sync(kind: Callable[[str], bool]) -> Callable[[Disk], AbstractContextManager[Any]]:
    """The mistake of a storage that makes nothing of this kind durable."""

    def mistake(disk: Disk) -> AbstractContextManager[Any]:
        fsync = os.fsync
        return mock.patch.object(os, "fsync", lambda number: None if kind(disk.open[number]) else fsync(number))

    return mistake


@contextmanager
def rename_first(disk: Disk) -> Iterator[None]:
    """The mistake of a storage that makes what it moved into place durable only there."""
    fsync, replace = os.fsync, os.replace
    waiting: list[Node] = []

    def later(descriptor: int) -> None:
        path = disk.open[descriptor]
        if "staged" in path or ".tmp" in path:
            waiting.append(disk.paths[path])
        else:
            fsync(descriptor)

    def at_once(source: Path, target: Path) -> None:
        replace(source, target)
        while waiting:
            disk.add(Sync(waiting.pop(0)))

    with mock.patch.object(os, "fsync", later), mock.patch.object(os, "replace", at_once):
        yield


MISTAKES = {
    "a staged file is not synced": without_sync(lambda path: "staged" in path),
    "a file of a snapshot is not synced": without_sync(lambda path: path.endswith(".npz")),
    "the names in a snapshot are not synced": without_sync(lambda path: path.endswith(".tmp")),
    "the folder is not synced after the rename": without_sync(lambda path: path.endswith("snapshots")),
    "the new folder's own name is not synced": without_sync(lambda path: path.endswith("runs")),
    "the folder of the rows is not synced": without_sync(lambda path: path.endswith("cnn")),
    "rows are not synced": without_sync(lambda path: path.endswith(".csv")),
    "renamed before it is synced": rename_first,
}


@pytest.mark.parametrize("name", MISTAKES)
def test_power_loss_the_harness_catches_a_storage_that_makes_the_mistake(name: str, tmp_path: Path) -> None:
    scenario = recorded(tmp_path / "disk", MISTAKES[name])
    assert next(broken(scenario, tmp_path / "bench", 2_000), None) is not None


def test_power_loss_the_recording_misses_no_operation(tmp_path: Path) -> None:
    disk = recorded(tmp_path / "disk").disk
    assert whole(disk.after(len(disk.operations))) == on_disk(tmp_path / "disk")


def test_power_loss_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    scenario = recorded(tmp_path / "disk")
    found = list(broken(scenario, tmp_path / "bench", STATES))
    lost = len({what.partition(":")[0] for what in found})
    tally.record("R4", points=STATES, passed=STATES - lost, note=f"{len(scenario.disk.operations)} operations")
    assert found == []


def test_power_loss_a_run_goes_on_whatever_is_left_in_its_folder(tmp_path: Path) -> None:
    disk, random = recorded(tmp_path / "disk").disk, Random(1)
    about, arrays, data = content(77)
    for trial in range(100):
        bench = Workbench(tmp_path / f"bench-{trial}")
        bench.folder.mkdir()
        bench.show(sample(disk.after(random.randrange(len(disk.operations))), random))
        run = bench.folder / RUN
        run.mkdir(parents=True, exist_ok=True)
        before = snapshots.newest(run / "snapshots")
        taken = snapshots.write(run / "snapshots", about, arrays, data)
        assert snapshots.newest(run / "snapshots") == taken
        left = {taken.path.name} | ({before.path.name} if before else set())
        assert set(os.listdir(run / "snapshots")) == left
