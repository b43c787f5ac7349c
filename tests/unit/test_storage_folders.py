"""Run folders are never made twice."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nnrun.errors import StorageError, UsageError
from nnrun.storage import atomic
from nnrun.storage.folders import create_child, create_run_folder, point_latest, validate_name


@pytest.mark.parametrize("name", ["cnn", "a", "9", "A.b_c-1", "_x", "a" * 100])
def test_folders_names_of_runs(name: str) -> None:
    assert validate_name(name) == name


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "-x", "a/b", "a b", "é", "a\n", "a" * 101, "latest"])
def test_folders_refuses_names_that_are_none(name: str) -> None:
    with pytest.raises(UsageError, match="give another name with --name"):
        validate_name(name)


def test_folders_a_taken_name_gets_a_number(tmp_path: Path) -> None:
    runs = tmp_path / "deep" / "runs"
    made = [create_run_folder(runs, "cnn") for _ in range(3)]
    assert [folder.name for folder in made] == ["cnn", "cnn-2", "cnn-3"]
    assert all(folder.is_dir() for folder in made)
    (runs / "mlp").write_text("a file")
    assert create_run_folder(runs, "mlp").name == "mlp-2"


def test_folders_every_new_parent_is_made_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(atomic, "sync", synced.append)
    create_run_folder(tmp_path / "deep" / "runs", "cnn")
    assert synced == [tmp_path, tmp_path / "deep", tmp_path / "deep" / "runs"]


def test_folders_many_at_once_all_get_their_own(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: create_run_folder(tmp_path, "cnn"), range(16)))
    assert len(set(made)) == 16


def test_folders_where_no_folder_can_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(StorageError, match="cannot write"):
        create_run_folder(tmp_path / "runs", "cnn")


def test_folders_a_child_is_made_once(tmp_path: Path) -> None:
    assert create_child(tmp_path, "fold-1") == tmp_path / "fold-1"
    with pytest.raises(StorageError, match="exists already"):
        create_child(tmp_path, "fold-1")


def test_folders_latest_is_a_relative_link_that_moves(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        point_latest(tmp_path, tmp_path / name)
    assert os.readlink(tmp_path / "latest") == "two"
    assert sorted(os.listdir(tmp_path)) == ["latest", "one", "two"]


def test_folders_latest_is_a_text_file_where_links_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    (tmp_path / "one").mkdir()
    point_latest(tmp_path, tmp_path / "one")
    assert (tmp_path / "latest").read_text() == "one\n"
    assert sorted(os.listdir(tmp_path)) == ["latest", "one"]
