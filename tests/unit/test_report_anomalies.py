"""The figure of errors: each part and the known anomalies apart, and the rows that lie in anomalies alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runfolders import write_rows, write_run

from nnrun.report.figures.anomalies import _spans, anomalies

TOLD = {"output": "series", "threshold": 0.5, "quantile": 1.0, "error": "absolute", "part": "train", "rows": 2}


def legend(axes: Any) -> list[str]:
    """What the colours stand for."""
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_report_anomalies_shades_rows_that_lie_in_anomalous_windows_alone() -> None:
    errors = [0.1, 0.9, 0.9, 0.9, 0.1, 0.9]  # windows of three rows, a new one at each row
    rows = [
        {"first_row": str(row), "last_row": str(row + 2), "anomaly": "yes" if error > 0.5 else "no"}
        for row, error in enumerate(errors)
    ]
    assert _spans(rows) == [(3, 3), (7, 7)]


def test_report_anomalies_draws_kinds_apart_and_nothing_without_a_threshold(tmp_path: Path) -> None:
    run = write_run(tmp_path / "room", anomaly=TOLD)
    header = ["row", "part", "first_row", "last_row", "error", "anomaly", "truth"]
    told = [("train", 0.05, "no"), ("train", 0.4, "no"), ("test", 0.1, "no"), ("test", 0.9, "yes")]
    cells = [
        (n, part, n, n + 1, error, "yes" if error > 0.5 else "no", true) for n, (part, error, true) in enumerate(told)
    ]
    write_rows(run.path / "anomalies.csv", header, cells)
    figure = anomalies(run)
    assert figure is not None
    errors, along = figure.axes
    assert legend(errors) == ["train (2)", "test (1)", "anomalies (1)", "threshold"]
    assert errors.get_xscale() == "log"  # the errors differ by more than ten times
    assert legend(along) == ["train", "test"]
    assert anomalies(write_run(tmp_path / "plain")) is None
