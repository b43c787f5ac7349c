"""Rows for people."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from runfolders import classifier, cross_validation, write_run

from nnrun.report.tables import cv_rows, metric_rows, run_rows
from nnrun.runs.run import Run

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_tables_a_row_a_run(tmp_path: Path) -> None:
    runs = [
        classifier(tmp_path / "iris"),
        cross_validation(tmp_path / "cv"),
        write_run(tmp_path / "young", {"loss": [2, 1], "val_loss": [3, 4]}, status="stopped"),
        write_run(tmp_path / "empty"),
    ]
    keys = ("name", "status", "task", "epochs", "metric", "value", "part", "when")
    assert [tuple(row[key] for key in keys) for row in run_rows(runs)] == [
        ("iris", "complete", "multiclass", 12, "accuracy", 0.75, "test", WHEN),
        ("cv", "complete", "regression", None, "mae", 2.0, "folds", WHEN),
        ("young", "stopped", "", 2, "val_loss", 3.0, "best epoch", WHEN),
        ("empty", "complete", "", None, "", None, "", WHEN),
    ]


def test_tables_one_damaged_run_does_not_hide_the_others(tmp_path: Path) -> None:
    damaged = [write_run(tmp_path / name) for name in ("a", "b")]
    (damaged[0].path / "run.json").write_text("{")
    (damaged[1].path / "metrics.json").write_text("{")
    runs = [Run(run.path) for run in damaged]
    assert [row["status"] for row in run_rows(runs)] == ["unreadable", "unreadable"]


def test_tables_a_row_a_metric_with_its_floors(tmp_path: Path) -> None:
    run = classifier(tmp_path / "iris")
    assert metric_rows(run) == [
        {"metric": "loss", "unit": "", "train": 0.1, "validation": 0.4, "test": 0.5, "floors": {}},
        {
            "metric": "accuracy",
            "unit": "",
            "train": 0.94,
            "validation": 0.85,
            "test": 0.75,
            "floors": {"majority": 0.5},
        },
    ]
    assert metric_rows(write_run(tmp_path / "empty")) == []


def test_tables_a_row_a_metric_of_a_cross_validation(tmp_path: Path) -> None:
    assert cv_rows(cross_validation(tmp_path / "cv")) == [
        {
            "metric": "mae",
            "mean": 2.0,
            "sd": 1.0,
            "interval": [0.5, 3.5],
            "pooled": 2.0,
            "method": "m",
            "folds": [1.0, 2.0, 3.0],
            "floors": {},
        }
    ]
    assert cv_rows(write_run(tmp_path / "empty")) == []
