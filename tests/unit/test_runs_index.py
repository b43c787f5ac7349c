"""Finding runs."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nnrun.errors import RunError
from nnrun.runs.index import find, latest, list_runs, started
from nnrun.runs.run import Run
from nnrun.storage.folders import point_latest


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for day, name in enumerate(("old", "new", "middle/fold-1", "middle"), start=1):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True, exist_ok=True)
        when = {"old": "2026-01-01", "middle": "2026-01-02T12:00:00+00:00"}.get(name, "2026-01-03T00:00:00+00:00")
        (folder / "run.json").write_text(json.dumps({"status": "complete", "times": {"started": when}, "day": day}))
    (tmp_path / "runs" / "notes").mkdir()
    return tmp_path / "runs"


def test_index_lists_the_newest_first_and_no_links(root: Path) -> None:
    point_latest(root, root / "new")
    assert [run.name for run in list_runs(root)] == ["new", "middle", "old"]
    assert list_runs(root / "none") == []


def test_index_finds_by_name_path_and_child(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find(root, "old").path == root / "old"
    assert find(root, "middle/fold-1").path == root / "middle" / "fold-1"
    monkeypatch.chdir(tmp_path)
    assert find(Path("elsewhere"), "runs/old").path == root / "old"
    assert find(root, str(root / "old")).path == root / "old"


def test_index_latest_by_link_by_text_and_by_time(root: Path) -> None:
    assert find(root, "latest").name == "new"
    point_latest(root, root / "old")
    assert find(root, "latest").name == "old"
    os.unlink(root / "latest")
    (root / "latest").write_text("middle\n")
    assert latest(root).name == "middle"
    (root / "latest").write_text("gone\n")
    assert latest(root).name == "new"


def test_index_unknown_name_tells_the_nearest(root: Path) -> None:
    with pytest.raises(RunError, match=r"no run 'midle' in .*\n.*one of middle, new, old\n.*did you mean 'middle'\?"):
        find(root, "midle")


def test_index_latest_of_nothing_tells_how_to_make_the_first(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="`nnrun train` makes the first one"):
        find(tmp_path, "latest")


def test_index_started_falls_back_to_the_time_of_the_file(root: Path) -> None:
    file = root / "old" / "run.json"
    file.write_text("{")
    os.utime(file, (86400, 86400))
    assert started(Run(root / "old")) == datetime(1970, 1, 2, tzinfo=UTC)
    assert [run.name for run in list_runs(root)] == ["new", "middle", "old"]
