"""Histories, whole and torn."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from nnrun.errors import RunError
from nnrun.runs.history import History


def history(tmp_path: Path, text: str) -> History:
    path = tmp_path / "history.csv"
    path.write_bytes(text.encode())
    return History.read(path)


def test_history_reads_columns_and_epochs(tmp_path: Path) -> None:
    read = history(tmp_path, "epoch,seconds,learning_rate,loss,mae,val_loss,val_mae\n1,2,0.1,3,4,5,6\n2,2,0.1,1,2,3,\n")
    assert read.names == ["epoch", "seconds", "learning_rate", "loss", "mae", "val_loss", "val_mae"]
    assert read.epochs == [1, 2]
    assert read.get("loss") == [3.0, 1.0]
    assert read.get("accuracy") is None
    assert "val_loss" in read
    assert "accuracy" not in read
    assert read.metrics == ["mae"]
    assert len(read) == 2
    assert math.isnan(read.columns["val_mae"][1])


@pytest.mark.parametrize("tail", ["3", "3,0.", "3,0.25", "\x00\x00\x00", "3,0.25,9"])
def test_history_leaves_out_a_torn_last_row(tmp_path: Path, tail: str) -> None:
    read = history(tmp_path, "epoch,loss\n1,0.5\n2,0.4\n" + tail)
    assert read.columns == {"epoch": [1.0, 2.0], "loss": [0.5, 0.4]}


def test_history_ends_where_a_power_cut_left_zeros(tmp_path: Path) -> None:
    read = history(tmp_path, "epoch,loss\n1,0.5\n2,0.4\n\x00\x00\x00\x00\n4,0.2\n")
    assert read.columns == {"epoch": [1.0, 2.0], "loss": [0.5, 0.4]}


@pytest.mark.parametrize("text", ["", "epo", "epoch,loss\n"])
def test_history_without_rows_is_empty(tmp_path: Path, text: str) -> None:
    read = history(tmp_path, text)
    assert len(read) == 0
    assert read.epochs == []
    assert read.best("loss", "min") is None


@pytest.mark.parametrize(("row", "says"), [("x,1", "'x' in column 'epoch'"), ("1", "1 values under 2 columns")])
def test_history_damage_in_the_middle_is_an_error_with_its_line(tmp_path: Path, row: str, says: str) -> None:
    with pytest.raises(RunError, match=says) as caught:
        history(tmp_path, f"epoch,loss\n1,0.5\n{row}\n3,0.5\n")
    where = caught.value.problems[0].where
    assert where is not None
    assert where.line == 3


def test_history_best_is_the_first_of_equals_and_never_nan(tmp_path: Path) -> None:
    read = history(tmp_path, "epoch,loss,acc\n1,nan,0.1\n2,0.5,0.9\n3,0.5,0.9\n4,0.7,inf\n")
    assert read.best("loss", "min") == (2, 0.5)
    assert read.best("acc", "max") == (2, 0.9)
    assert read.best("loss", "max") == (4, 0.7)
    assert read.best("none", "min") is None


def test_history_counts_rows_where_there_is_no_epoch() -> None:
    assert History({"loss": [3.0, 2.0]}).epochs == [1, 2]
