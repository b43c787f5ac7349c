"""A finished run in a few lines: scores beside the trivial floor, findings, figures, and the path last."""

from __future__ import annotations

from typing import Any

from nnrun.cli.console import Console, shown
from nnrun.report import tables
from nnrun.report.diagnosis import diagnose
from nnrun.runs.run import Run, place


def show_run(run: Run, console: Console) -> None:
    """Prints a run's result; as JSON its path, status and scores."""
    rows = _folds(run) if run.cv else _parts(run)
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


def _parts(run: Run) -> list[dict[str, Any]]:
    """A row a metric; columns without a value are left out."""
    rows = [_with_floors(row) for row in tables.metric_rows(run)]
    empty = {name for name in (rows[0] if rows else ()) if all(row.get(name) in (None, "") for row in rows)}
    return [{name: value for name, value in row.items() if name not in empty} for row in rows]


def _folds(run: Run) -> list[dict[str, Any]]:
    """A row a metric; the folds' own scores are in cv.csv."""
    rows = []
    for row in tables.cv_rows(run):
        low, high = row["interval"]
        told = {"metric": row["metric"], "mean": row["mean"], "sd": row["sd"]}
        told |= {"95 % interval": f"{shown(low)} to {shown(high)}", "pooled": row["pooled"], "floors": row["floors"]}
        rows.append(_with_floors(told))
    return rows


def _with_floors(row: dict[str, Any]) -> dict[str, Any]:
    """The floors as columns: what knowing nothing would reach."""
    floors = {f"floor ({method.replace('_', ' ')})": value for method, value in row["floors"].items()}
    return {**{name: value for name, value in row.items() if name != "floors"}, **floors}
