"""Files that grow a row at a time."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from nnrun.errors import StorageError
from nnrun.storage.append import Appender, append_line, cut


def test_append_header_comes_first_and_every_row_is_there_before_the_file_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    appender = Appender(path, ["epoch", "loss", "val_loss"])
    assert path.read_text() == "epoch,loss,val_loss\n"
    appender.row({"loss": 0.1 + 0.2, "epoch": 1})
    assert path.read_text() == "epoch,loss,val_loss\n1,0.30000000000000004,\n"
    appender.row({"epoch": 2, "loss": float("nan"), "val_loss": 'a "b", c'})
    assert path.read_text().splitlines()[2] == '2,nan,"a ""b"", c"'
    appender.close()
    appender.close()


def test_append_a_row_is_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    write = os.write

    def recording(descriptor: int, data: bytes) -> int:
        written.append(data)
        return write(descriptor, data)

    with Appender(tmp_path / "a.csv", ["epoch", "loss"]) as appender:
        monkeypatch.setattr(os, "write", recording)
        appender.row({"epoch": 1, "loss": 0.5})
        monkeypatch.undo()
    assert written == [b"1,0.5\n"]


def test_append_goes_on_after_the_last_whole_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("epoch,loss\n1,0.5\n2,0.")
    with Appender(path, ["epoch", "loss"]) as appender:
        appender.row({"epoch": 2, "loss": 0.25})
    assert path.read_text() == "epoch,loss\n1,0.5\n2,0.25\n"


def test_append_writes_a_torn_header_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("epo")
    Appender(path, ["epoch"]).close()
    assert path.read_text() == "epoch\n"


def test_append_refuses_a_file_with_other_columns_and_leaves_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("epoch,loss\n1,0.5\n")
    with pytest.raises(StorageError, match="expected: epoch,mae"):
        Appender(path, ["epoch", "mae"])
    assert path.read_text() == "epoch,loss\n1,0.5\n"


def test_append_refuses_a_value_without_a_column(tmp_path: Path) -> None:
    with (
        Appender(tmp_path / "a.csv", ["epoch"]) as appender,
        pytest.raises(ValueError, match="no column 'mae'"),
    ):
        appender.row({"epoch": 1, "mae": 2.0})
    assert (tmp_path / "a.csv").read_text() == "epoch\n"


def test_append_takes_back_a_row_that_did_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    write = os.write
    with Appender(path, ["epoch", "loss"]) as appender:
        monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:2]))
        with pytest.raises(StorageError, match="No space left on device"):
            appender.row({"epoch": 1, "loss": 0.5})
        monkeypatch.undo()
    assert path.read_text() == "epoch,loss\n"


def test_append_line_adds_one_line_and_makes_the_file(tmp_path: Path) -> None:
    append_line(tmp_path / "train.log", "one")
    append_line(tmp_path / "train.log", "two\n")
    assert (tmp_path / "train.log").read_text() == "one\ntwo\n"
    with pytest.raises(StorageError):
        append_line(tmp_path / "no" / "train.log", "one")


def test_append_line_takes_back_what_did_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "train.log"
    append_line(path, "one")
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:2]))
    with pytest.raises(StorageError, match="No space left on device"):
        append_line(path, "two")
    assert path.read_text() == "one\n"


def test_append_cuts_rows_of_which_a_power_cut_left_zeros(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"epoch,loss\n1,0.5\n2,0.\0\0\0\0\0\n4,0.125\n")
    Appender(path, ["epoch", "loss"]).close()
    assert path.read_text() == "epoch,loss\n1,0.5\n"


def test_append_sync_is_at_once_and_otherwise_once_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[float] = []
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with Appender(tmp_path / "a.csv", ["epoch"]) as appender:
        monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(now))
        appender.row({"epoch": 1})
        assert synced == []
        appender.sync()
        now = 100.9
        appender.row({"epoch": 2})
        now = 101.0
        appender.row({"epoch": 3})
        appender.row({"epoch": 4})
        assert synced == [100.0, 101.0]
    assert synced == [100.0, 101.0, 101.0]


def test_append_cut_keeps_the_header_and_the_rows_up_to_the_last(tmp_path: Path) -> None:
    path = tmp_path / "steps.csv"
    path.write_text("step,epoch,loss\n2,1,0.5\n4,1,nan\n6,2,0.25\n8,2,0.")
    cut(path, "step", 6)
    assert path.read_text() == "step,epoch,loss\n2,1,0.5\n4,1,nan\n6,2,0.25\n"
    cut(path, "epoch", 1)
    assert path.read_text() == "step,epoch,loss\n2,1,0.5\n4,1,nan\n"
    cut(path, "step", 9, every=4)
    assert path.read_text() == "step,epoch,loss\n4,1,nan\n"
    cut(path, "step", 0)
    assert path.read_text() == "step,epoch,loss\n"
    assert os.listdir(tmp_path) == ["steps.csv"]


def test_append_cut_drops_damaged_rows_and_leaves_a_file_alone_that_needs_none(tmp_path: Path) -> None:
    path = tmp_path / "steps.csv"
    path.write_text("step,loss\nx,0.5\n1\n2,0.25\n")
    cut(path, "step", 2)
    assert path.read_text() == "step,loss\n2,0.25\n"
    inode = path.stat().st_ino
    cut(path, "step", 2)
    assert path.stat().st_ino == inode
    cut(tmp_path / "none.csv", "step", 2)
    assert os.listdir(tmp_path) == ["steps.csv"]


def test_append_cut_makes_a_torn_header_an_empty_file_and_refuses_another_table(tmp_path: Path) -> None:
    path = tmp_path / "steps.csv"
    path.write_text("ste")
    cut(path, "step", 2)
    assert path.read_text() == ""
    path.write_text("epoch,loss\n1,0.5\n")
    with pytest.raises(StorageError, match="has no column step"):
        cut(path, "step", 2)
    assert path.read_text() == "epoch,loss\n1,0.5\n"
