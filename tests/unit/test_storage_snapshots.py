"""Snapshots count whole or not at all."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from nnrun.errors import StorageError
from nnrun.storage import snapshots
from nnrun.storage.snapshots import Snapshot, newest

ARRAYS: dict[str, dict[str, np.ndarray[Any, Any]]] = {
    "model": {
        "dense/kernel": np.array([[0.1, -0.0], [math.nan, math.inf]], np.float32),
        "dense.npy": np.asfortranarray(np.arange(6.0).reshape(2, 3))[:, ::2],
        "seed": np.array([2**32 - 1, 7], np.uint32),
        "iterations": np.array(12, np.int64),
        "none": np.zeros((0, 3)),
        "half": np.array([1.5, -2.0], ml_dtypes.bfloat16),
        "half scalar": np.array(0.5, ml_dtypes.bfloat16),
        "text": np.array(["a", "bc"]),
    },
    "best": {},
}
DATA = {"callbacks": {"EarlyStopping": {"best": math.inf, "wait": 3, "rows": [0.1 + 0.2, -0.0, None]}}}


def write(folder: Path, epoch: int = 1, keep: int = 2) -> Snapshot:
    return snapshots.write(folder, {"epoch": epoch, "config": "3f"}, ARRAYS, DATA, keep)


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_snapshots_give_back_every_bit_with_names_types_and_shapes(tmp_path: Path) -> None:
    write(tmp_path / "snapshots")
    found = newest(tmp_path / "snapshots")
    assert found is not None
    assert (found.path, found.number) == (tmp_path / "snapshots" / "snapshot-1", 1)
    for name, group in ARRAYS.items():
        back = found.arrays(name)
        assert list(back) == list(group)
        for key, array in group.items():
            assert (back[key].dtype, back[key].shape) == (array.dtype, array.shape)
            assert back[key].tobytes() == array.tobytes()
    assert repr(found.data("callbacks")) == repr(DATA["callbacks"])


def test_snapshots_manifest_says_about_sums_and_sizes(tmp_path: Path) -> None:
    taken = write(tmp_path, 4)
    written = json.loads((taken.path / "manifest.json").read_text())
    assert written == taken.manifest
    assert {key: written[key] for key in ("format", "epoch", "config")} == {"format": 1, "epoch": 4, "config": "3f"}
    assert sorted(written["files"]) == ["best.npz", "callbacks.json", "model.npz"]
    assert written["files"]["model.npz"]["size"] == (taken.path / "model.npz").stat().st_size
    assert names(taken.path) == ["best.npz", "callbacks.json", "manifest.json", "model.npz"]
    assert newest(tmp_path) == taken


def test_snapshots_of_equal_state_have_equal_bytes(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a"), write(tmp_path / "b")
    for name in names(first.path):
        assert (first.path / name).read_bytes() == (second.path / name).read_bytes()


def test_snapshots_arrays_open_with_numpy_and_are_not_compressed(tmp_path: Path) -> None:
    taken = snapshots.write(tmp_path, {}, {"model": {"kernel": np.zeros(10_000)}}, {})
    assert (taken.path / "model.npz").stat().st_size > 80_000
    with np.load(taken.path / "model.npz", allow_pickle=False) as loaded:
        assert loaded["kernel"].shape == (10_000,)


def test_snapshots_two_are_kept_and_numbers_go_on(tmp_path: Path) -> None:
    numbers = [write(tmp_path, epoch).number for epoch in range(1, 5)]
    assert numbers == [1, 2, 3, 4]
    assert names(tmp_path) == ["snapshot-3", "snapshot-4"]
    assert write(tmp_path, 5, keep=1).number == 5
    assert names(tmp_path) == ["snapshot-5"]


def test_snapshots_are_ordered_by_number_not_by_name(tmp_path: Path) -> None:
    for epoch in range(1, 12):
        write(tmp_path, epoch)
    found = newest(tmp_path)
    assert found is not None
    assert (found.number, names(tmp_path)) == (11, ["snapshot-10", "snapshot-11"])


def test_snapshots_newest_of_no_folder_and_of_an_empty_one_is_none(tmp_path: Path) -> None:
    assert newest(tmp_path / "no") is None
    assert newest(tmp_path) is None


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def manifest(change: Mapping[str, Any]) -> Any:
    def changed(path: Path) -> None:
        file = path / "manifest.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **change}))

    return changed


DAMAGE = {
    "a bit of an array": lambda path: flip(path / "model.npz"),
    "a bit of the data": lambda path: flip(path / "callbacks.json"),
    "a file cut": lambda path: os.truncate(path / "model.npz", 100),
    "a file longer": lambda path: os.truncate(path / "model.npz", 100_000),
    "a file gone": lambda path: (path / "callbacks.json").unlink(),
    "a link in place of a file": lambda path: (
        (path / "best.npz").unlink() or (path / "best.npz").symlink_to("/dev/zero")
    ),
    "no manifest": lambda path: (path / "manifest.json").unlink(),
    "a manifest cut": lambda path: os.truncate(path / "manifest.json", 50),
    "a manifest of zeros": lambda path: (path / "manifest.json").write_bytes(bytes(400)),
    "a manifest of no text": lambda path: (path / "manifest.json").write_bytes(b"\xff\xfe"),
    "a manifest that is a list": lambda path: (path / "manifest.json").write_text("[]"),
    "a manifest too deep": lambda path: (path / "manifest.json").write_text("[" * 100_000),
    "another format": manifest({"format": 2}),
    "files that are none": manifest({"files": ["model.npz"]}),
    "files elsewhere": manifest({"files": {"/dev/zero": {"sha256": "", "size": 0}}}),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_snapshots_that_are_damaged_are_passed_over(name: str, tmp_path: Path) -> None:
    write(tmp_path, 1)
    DAMAGE[name](write(tmp_path, 2).path)
    found = newest(tmp_path)
    assert found is not None
    assert found.manifest["epoch"] == 1


@pytest.mark.parametrize("name", ["a bit of an array", "no manifest"])
def test_snapshots_that_are_damaged_do_not_count_among_those_kept(name: str, tmp_path: Path) -> None:
    write(tmp_path, 1)
    DAMAGE[name](write(tmp_path, 2).path)
    assert write(tmp_path, 3).number == 3
    assert names(tmp_path) == ["snapshot-1", "snapshot-3"]


def test_snapshots_left_unfinished_by_a_death_do_not_count_and_go(tmp_path: Path) -> None:
    write(tmp_path, 1)
    shutil.copytree(tmp_path / "snapshot-1", tmp_path / "snapshot-7.tmp")
    found = newest(tmp_path)
    assert found is not None
    assert found.number == 1
    assert write(tmp_path, 2).number == 2
    assert names(tmp_path) == ["snapshot-1", "snapshot-2"]


def test_snapshots_leave_what_is_not_theirs(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "snapshot-of-mine").mkdir()
    write(tmp_path)
    assert names(tmp_path) == ["notes.txt", "snapshot-1", "snapshot-of-mine"]


@pytest.mark.parametrize(
    ("about", "arrays", "data", "error"),
    [
        ({"files": 1}, {}, {}, ValueError),
        ({}, {"../model": {}}, {}, ValueError),
        ({}, {}, {"manifest": 1}, ValueError),
        ({}, {"model": {"a": np.array([object()])}}, {}, ValueError),
        ({}, {}, {"callbacks": {"a": object()}}, TypeError),
    ],
)
def test_snapshots_refuse_what_they_cannot_give_back(
    about: Any, arrays: Any, data: Any, error: type[Exception], tmp_path: Path
) -> None:
    write(tmp_path)
    with pytest.raises(error):
        snapshots.write(tmp_path, about, arrays, data)
    assert names(tmp_path) == ["snapshot-1"]


def test_snapshots_need_the_run_folder(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file or directory"):
        write(tmp_path / "no" / "snapshots")


def test_snapshots_that_cannot_be_removed_end_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rmdir = os.rmdir

    def refuse(path: Any, *, dir_fd: int | None = None) -> None:
        raise PermissionError("not yours")

    monkeypatch.setattr(os, "rmdir", refuse)
    assert [write(tmp_path, epoch).number for epoch in (1, 2, 3)] == [1, 2, 3]
    assert names(tmp_path) == ["snapshot-1", "snapshot-2", "snapshot-3"]
    monkeypatch.setattr(os, "rmdir", rmdir)
    assert write(tmp_path, 4).number == 4
    assert names(tmp_path) == ["snapshot-3", "snapshot-4"]
