"""Files that grow a row at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nnrun.errors import StorageError
from nnrun.storage.append import Appender, append_line


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
