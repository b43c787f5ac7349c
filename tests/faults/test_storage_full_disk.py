"""R5 for the storage alone: the N-th operation finds the disk full, N = 1, 2, 3, ... until all goes well."""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from power import on_disk
from recording import recording

from nnrun.errors import StorageError
from nnrun.storage import snapshots
from nnrun.storage.append import Appender, append_line
from nnrun.storage.atomic import write_npz, write_text


class FullDisk:
    """Refuses the operation `number`, counted from 0, and all that follow it where it is sticky."""

    def __init__(self, number: int, *, sticky: bool) -> None:
        self.number, self.sticky = number, sticky
        self.asked, self.armed, self.refused = 0, False, False

    def __call__(self, _: int) -> None:
        if not self.armed:
            return
        self.asked += 1
        if self.asked - 1 == self.number or (self.sticky and self.asked > self.number):
            self.refused = True
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def arrays(seed: int) -> dict[str, dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]]:
    return {"model": {"kernel": np.random.default_rng(seed).random(5_000), "bias": np.zeros(3)}}


@pytest.mark.parametrize("sticky", [False, True])
def test_storage_full_disk_leaves_the_older_snapshots_and_nothing_half(sticky: bool, tmp_path: Path) -> None:
    for number in itertools.count():
        (tmp_path / str(number)).mkdir()
        full = FullDisk(number, sticky=sticky)
        with recording(tmp_path / str(number), full) as disk:
            folder = Path(disk.folder) / "snapshots"
            for epoch in (1, 2):
                snapshots.write(folder, {"epoch": epoch}, arrays(epoch), {"callbacks": {"wait": epoch}})
            before = on_disk(folder)
            full.armed = True
            said = refusal(snapshots.write, folder, {"epoch": 3}, arrays(3), {"callbacks": {}})
        found = snapshots.newest(folder)
        assert found is not None
        epoch = found.manifest["epoch"]
        np.testing.assert_array_equal(found.arrays("model")["kernel"], arrays(epoch)["model"]["kernel"])
        assert [name for name in os.listdir(folder) if name.endswith(".tmp")] == []
        if said is None:
            assert epoch == 3
        else:  # it is there all the same where only the last fsync was refused, but was not promised
            assert said.startswith(f"cannot write {folder / 'snapshot-3'}: No space left on device (")
            assert epoch in (2, 3)
            assert before.items() <= on_disk(folder).items()
        if not full.refused:
            break
        assert (
            said or not sticky
        )  # zipfile opens its file once more in another mode, so that one refusal may do nothing
    assert number > 10


@pytest.mark.parametrize("sticky", [False, True])
def test_storage_full_disk_leaves_files_old_and_rows_whole(sticky: bool, tmp_path: Path) -> None:
    for number in itertools.count():
        (tmp_path / str(number)).mkdir()
        full = FullDisk(number, sticky=sticky)
        with recording(tmp_path / str(number), full) as disk:
            run = Path(disk.folder)
            write_text(run / "run.json", "old")
            append_line(run / "train.log", "one")
            with Appender(run / "history.csv", ["epoch", "loss"]) as history:
                history.row({"epoch": 1, "loss": 0.5})
                full.armed = True
                said = refusal(four_writes, run, history)
                full.armed = False
        found = {name: (run / name).read_text() for name in ("run.json", "train.log", "history.csv")}
        assert found["run.json"] in ("old", "new")
        assert found["train.log"] in ("one\n", "one\ntwo\n")
        assert found["history.csv"] in ("epoch,loss\n1,0.5\n", "epoch,loss\n1,0.5\n2,0.25\n")
        assert set(os.listdir(run)) - {"splits.npz"} == set(found)
        if said is None:
            assert [found["run.json"], found["train.log"][-4:], found["history.csv"][-5:]] == ["new", "two\n", "0.25\n"]
            with np.load(run / "splits.npz") as splits:
                np.testing.assert_array_equal(splits["train"], np.arange(9))
        if not full.refused:
            break
        assert said or not sticky
    assert number > 10


def four_writes(run: Path, history: Appender) -> None:
    history.row({"epoch": 2, "loss": 0.25})
    append_line(run / "train.log", "two")
    write_text(run / "run.json", "new")
    write_npz(run / "splits.npz", {"train": np.arange(9)})


def refusal(write: Callable[..., object], *arguments: object) -> str | None:
    """What the storage says where it does not write; None where it does."""
    try:
        write(*arguments)
    except StorageError as error:
        return str(error)
    return None
