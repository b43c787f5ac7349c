"""Runs, read from folders written by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nnrun.errors import RunError
from nnrun.runs import process
from nnrun.runs.run import Run, natural


def make(folder: Path, **info: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.json").write_text(json.dumps({"format": 1, "status": "complete"} | info))
    return folder


def test_run_reads_what_is_in_the_folder(tmp_path: Path) -> None:
    folder = make(tmp_path / "cnn", monitor={"name": "val_accuracy", "mode": "max"}, task={"y": {"task": "binary"}})
    (folder / "history.csv").write_text("epoch,loss\n1,0.5\n")
    (folder / "steps.csv").write_text("step,epoch,loss\n1,1,0.75\n")
    (folder / "metrics.json").write_text('{"test": {"loss": 0.5}}')
    (folder / "cv.json").write_text('{"folds": 2}')
    (folder / "predictions.csv").write_text("row,part,fold,target,prediction\n4,test,,yes,no\n")
    (folder / "config.yaml").write_text("model: é\n", encoding="utf-8")
    (folder / "resolved.yaml").write_text("seed: 0\n")
    run = Run.open(folder)
    assert (run.name, run.status) == ("cnn", "complete")
    assert run.monitor == ("val_accuracy", "max")
    assert run.tasks == {"y": {"task": "binary"}}
    assert run.history is not None
    assert run.history.columns == {"epoch": [1.0], "loss": [0.5]}
    assert run.steps is not None
    assert run.steps.columns["loss"] == [0.75]
    assert run.metrics == {"test": {"loss": 0.5}}
    assert run.cv == {"folds": 2}
    assert run.predictions == [{"row": "4", "part": "test", "fold": "", "target": "yes", "prediction": "no"}]
    assert (run.config, run.resolved) == ("model: é\n", "seed: 0\n")
    assert run.figures == folder / "figures"


def test_run_with_nothing_but_its_json_is_empty_not_an_error(tmp_path: Path) -> None:
    run = Run.open(make(tmp_path / "cnn"))
    assert (run.history, run.steps, run.cv, run.config) == (None, None, None, None)
    assert (run.metrics, run.predictions, run.children, run.tasks) == ({}, [], [], {})
    assert run.monitor == ("val_loss", "min")
    assert run.parent is None


def test_run_without_a_row_has_no_history(tmp_path: Path) -> None:
    folder = make(tmp_path / "cnn")
    (folder / "history.csv").write_text("epoch,loss\n1,0.")
    assert Run.open(folder).history is None


def test_run_children_in_the_order_of_their_numbers_and_back_to_the_parent(tmp_path: Path) -> None:
    parent = make(tmp_path / "cv")
    for name in ("fold-10", "fold-2", "fold-1", "snapshots"):
        make(parent / name)
    (parent / "fold-3").mkdir()
    run = Run.open(parent)
    assert [child.name for child in run.children] == ["fold-1", "fold-2", "fold-10"]
    assert run.children[0].parent == run


def test_run_open_names_the_nearest_run(tmp_path: Path) -> None:
    make(tmp_path / "fashion-a")
    with pytest.raises(RunError, match=r"there is no run .*\n.*run.json\n.*did you mean 'fashion-a'\?") as caught:
        Run.open(tmp_path / "fashon-a")
    assert caught.value.exit_code == 3
    (tmp_path / "empty").mkdir()
    with pytest.raises(RunError, match="empty is no run"):
        Run.open(tmp_path / "empty")


def test_run_of_a_newer_format_is_refused(tmp_path: Path) -> None:
    folder = make(tmp_path / "cnn", format=2)
    with pytest.raises(RunError, match="has format 2, written by a newer nnrun"):
        Run.open(folder)
    folder = make(tmp_path / "mlp")
    (folder / "metrics.json").write_text('{"format": 7}')
    with pytest.raises(RunError, match=r"metrics\.json has format 7"):
        _ = Run.open(folder).metrics


def test_run_with_a_damaged_file_says_which(tmp_path: Path) -> None:
    folder = make(tmp_path / "cnn")
    (folder / "metrics.json").write_text('{"test"')
    with pytest.raises(RunError, match=r"metrics\.json is damaged"):
        _ = Run.open(folder).metrics
    (folder / "cv.json").write_text("[]")
    with pytest.raises(RunError, match="expected: a mapping"):
        _ = Run.open(folder).cv


def test_run_status_of_a_dead_process_is_interrupted(tmp_path: Path) -> None:
    ours = process.identity()
    alive = make(tmp_path / "alive", status="running", process=ours)
    dead = make(tmp_path / "dead", status="running", process=ours | {"pid": 2**22 + 1})
    elsewhere = make(tmp_path / "elsewhere", status="running", process=ours | {"host": "another"})
    done = make(tmp_path / "done", process=ours | {"pid": 2**22 + 1})
    statuses = [Run.open(folder).status for folder in (alive, dead, elsewhere, done)]
    assert statuses == ["running", "interrupted", "running", "complete"]


def test_run_with_a_damaged_json_is_unreadable_but_opens(tmp_path: Path) -> None:
    folder = make(tmp_path / "cnn")
    (folder / "run.json").write_text("{")
    run = Run.open(folder)
    assert run.status == "unreadable"
    with pytest.raises(RunError, match=r"run\.json is damaged"):
        _ = run.info


def test_run_natural_order() -> None:
    assert sorted(["b-1", "a-10", "a-9", "a", "a-9-2"], key=natural) == ["a", "a-9", "a-9-2", "a-10", "b-1"]
