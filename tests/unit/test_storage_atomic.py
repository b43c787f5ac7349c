"""Whole files or none."""

from __future__ import annotations

import errno
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest

from nnrun.errors import StorageError
from nnrun.storage import atomic, trouble
from nnrun.storage.atomic import make_folder, staged, sweep, write_bytes, write_json, write_npz, write_text


def test_atomic_staged_hands_out_a_hidden_name_beside_the_target_with_all_suffixes(tmp_path: Path) -> None:
    target = tmp_path / "model.weights.h5"
    with staged(target) as temporary:
        assert temporary.parent == tmp_path
        assert temporary.name.startswith(".")
        assert temporary.name.endswith(".weights.h5")
        assert not temporary.exists()
        temporary.write_bytes(b"new")
        assert not target.exists()
    assert target.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["model.weights.h5"]


def write_half(target: Path, error: BaseException) -> None:
    with staged(target) as temporary:
        temporary.write_text("half")
        raise error


def test_atomic_staged_leaves_the_old_file_and_nothing_else_when_the_block_fails(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        write_half(target, KeyboardInterrupt())
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_atomic_full_disk_is_a_storage_error_that_names_path_and_bytes_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trouble, "bytes_free", lambda path: 1234)
    target = tmp_path / "a.txt"
    with pytest.raises(StorageError) as caught:
        write_half(target, OSError(errno.ENOSPC, "No space left on device"))
    assert str(caught.value).splitlines() == [
        f"cannot write {target}: No space left on device (1,234 bytes free)",
        "    free some space, or write elsewhere with --runs",
    ]
    assert os.listdir(tmp_path) == []


def test_atomic_failed_replace_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")

    def refuse(source: Path, destination: Path) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(StorageError, match="read-only: write elsewhere with --runs"):
        write_text(target, "new")
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_atomic_staged_makes_the_folder_but_not_its_parents(tmp_path: Path) -> None:
    write_text(tmp_path / "figures" / "a.txt", "x")
    assert (tmp_path / "figures" / "a.txt").read_text() == "x"
    with pytest.raises(StorageError, match="No such file or directory"):
        write_text(tmp_path / "no" / "such" / "a.txt", "x")


def test_atomic_file_and_folder_are_made_durable_in_that_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    replace, sync = os.replace, atomic.sync

    def replacing(source: Path, target: Path) -> None:
        done.append("replace")
        replace(source, target)

    def syncing(path: Path) -> None:
        done.append("folder" if path == tmp_path else "file")
        sync(path)

    monkeypatch.setattr(os, "replace", replacing)
    monkeypatch.setattr(atomic, "sync", syncing)
    write_bytes(tmp_path / "a", b"")
    assert done == ["file", "replace", "folder"]


def test_atomic_bytes_free_asks_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    free = trouble.bytes_free(tmp_path / "no" / "such" / "file")
    assert free is not None
    assert free > 0


def test_atomic_text_keeps_its_line_ends(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "é\r\nb\n")
    assert (tmp_path / "a").read_bytes() == b"\xc3\xa9\r\nb\n"


def test_atomic_json_keeps_the_order_and_writes_null_for_what_is_not_finite(tmp_path: Path) -> None:
    data = {
        "z": math.nan,
        "a": [math.inf, 1.5, np.float32(0.5), np.int64(3)],
        "path": Path("x/y"),
        "array": np.array([1.0, math.nan]),
        1: (True, None),
    }
    write_json(tmp_path / "a.json", data)
    text = (tmp_path / "a.json").read_text()
    assert text.startswith('{\n "z": null,\n "a": [\n')
    assert text.endswith("}\n")
    assert json.loads(text) == {
        "z": None,
        "a": [None, 1.5, 0.5, 3],
        "path": "x/y",
        "array": [1.0, None],
        "1": [True, None],
    }


def test_atomic_json_that_cannot_be_said_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        write_json(tmp_path / "a.json", {"a": object()})
    assert os.listdir(tmp_path) == []


def test_atomic_npz_gives_the_arrays_back_and_equal_bytes_for_equal_arrays(tmp_path: Path) -> None:
    arrays = {"train": np.arange(5), "file": np.array([[0.5, math.nan]]), "out.put": np.array(["a", "bc"])}
    write_npz(tmp_path / "a.npz", arrays)
    write_npz(tmp_path / "b.npz", arrays)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    with np.load(tmp_path / "a.npz") as loaded:
        assert sorted(loaded.files) == ["file", "out.put", "train"]
        for name, array in arrays.items():
            np.testing.assert_array_equal(loaded[name], array)


def test_atomic_npz_refuses_objects_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Object arrays"):
        write_npz(tmp_path / "a.npz", {"a": np.array([object()])})
    assert os.listdir(tmp_path) == []


def test_atomic_bytes_free_are_told_only_of_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        write_half(tmp_path / "a.txt", OSError(errno.EACCES, "Permission denied"))
    assert str(caught.value).splitlines() == [
        f"cannot write {tmp_path / 'a.txt'}: Permission denied",
        "    write elsewhere with --runs, or ask for the right to write here",
    ]


def test_atomic_sweep_removes_what_deaths_left_and_nothing_else(tmp_path: Path) -> None:
    block = staged(tmp_path / "model.weights.h5")
    block.__enter__().write_text("half")
    (tmp_path / "config.yaml").write_text("x")
    (tmp_path / ".hidden").write_text("mine")
    assert len(os.listdir(tmp_path)) == 3
    sweep(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [".hidden", "config.yaml"]


def test_atomic_make_folder_syncs_the_folder_that_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(atomic, "sync", synced.append)
    assert make_folder(tmp_path / "figures")
    assert not make_folder(tmp_path / "figures")
    assert synced == [tmp_path]
    assert (tmp_path / "figures").is_dir()
