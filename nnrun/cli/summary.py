"""A finished run in a few lines: scores beside the trivial floor, findings, figures, and the path last."""

from __future__ import annotations

import os
from pathlib import Path

from nnrun.cli.console import Console
from nnrun.report import tables
from nnrun.report.diagnosis import diagnose
from nnrun.runs.run import Run


def show_run(run: Run, console: Console) -> None:
    """Prints a run's result; as JSON its path, status and scores."""
    rows = tables.cv_rows(run) if run.cv else tables.metric_rows(run)
    findings = diagnose(run)
    console.json(
        {
            "path": str(run.path),
            "status": run.status,
            "metrics": run.metrics,
            "cv": run.cv,
            "findings": [finding.what for finding in findings],
        }
    )
    numbers = frozenset(name for row in rows for name, value in row.items() if isinstance(value, int | float))
    console.table(rows, right=numbers)
    for finding in findings:
        console.result(f"- {finding.what}")
    console.result(place(run.path))


def place(path: Path) -> str:
    """A path as short as it can be typed from here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
