"""Runs and their scores as plain rows, for the terminal and the page alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nnrun.errors import RunError
from nnrun.runs.index import started
from nnrun.runs.run import UNREADABLE, Run

PARTS = ("train", "validation", "test")
SAMPLES = "samples"  # what a recipe's network makes, where a run judges it


def run_rows(runs: Iterable[Run]) -> list[dict[str, Any]]:
    """A row a run: name, status, task, epochs, metric, value, part (where the value was scored), when.

    The value is the cross validation's mean, or the score of the test part, or of validation, or the best of
    the monitor; None where there is none yet. `when` is a datetime.
    """
    return [_run_row(run) for run in runs]


def metric_rows(run: Run) -> list[dict[str, Any]]:
    """A row a metric: metric, unit, train, validation, test, floors. Values are None where not scored.

    `floors` are what knowing nothing would score, by method: on test, else on validation.
    """
    scores = {part: _mapping(run.metrics.get(part)) for part in _parts(run)}
    floor = _mapping(run.metrics.get("floor"))
    floors = _mapping(floor.get("test") or floor.get("validation"))
    units = _mapping(run.metrics.get("unit"))
    metrics = dict.fromkeys(metric for part in reversed(scores) for metric in scores[part])
    return [
        {"metric": metric, "unit": units.get(metric, "")}
        | {part: scores[part].get(metric) for part in scores}
        | {"floors": _floors(floors, metric)}
        for metric in metrics
    ]


def _parts(run: Run) -> tuple[str, ...]:
    return (*PARTS, SAMPLES) if run.metrics.get(SAMPLES) else PARTS


def phase_rows(run: Run) -> list[dict[str, Any]]:
    """A row a phase: name, epochs as text, optimizer, parameters that were trained and frozen."""
    return [
        {
            "name": phase["name"],
            "epochs": f"{phase['first_epoch']} to {phase.get('last_epoch', '...')}",
            "optimizer": phase.get("optimizer", ""),
            "trainable": phase.get("trainable", 0),
            "frozen": phase.get("frozen", 0),
        }
        for phase in run.phases
    ]


def cv_rows(run: Run) -> list[dict[str, Any]]:
    """A row a metric of a cross validation: metric, mean, sd, interval, pooled, method, folds, floors."""
    keys = ("mean", "sd", "interval", "pooled", "method", "folds")
    floors = _mapping(_mapping(run.metrics.get("floor")).get("held_out"))
    return [
        {"metric": metric} | {key: score.get(key) for key in keys} | {"floors": _floors(floors, metric)}
        for metric, score in _mapping((run.cv or {}).get("metric")).items()
    ]


def _floors(floors: Mapping[str, Any], metric: str) -> dict[str, Any]:
    return {method: values[metric] for method, values in floors.items() if metric in _mapping(values)}


def _run_row(run: Run) -> dict[str, Any]:
    row: dict[str, Any] = {"name": run.name, "status": run.status, "task": "", "epochs": None}
    row |= {"metric": "", "value": None, "part": "", "when": started(run)}
    if run.status == UNREADABLE:
        return row
    try:
        row["task"] = ", ".join(dict.fromkeys(str(task.get("task", "")) for task in run.tasks.values()))
        row["epochs"] = len(run.history) if run.history else None
        row["metric"], row["value"], row["part"] = _main_score(run)
    except RunError:  # one damaged run must not hide the others
        row["status"] = UNREADABLE
    return row


def _main_score(run: Run) -> tuple[str, float | None, str]:
    monitor, mode = run.monitor
    means = {row["metric"]: row["mean"] for row in cv_rows(run)}
    for part, scores in (
        ("folds", means),
        *((part, _mapping(run.metrics.get(part))) for part in reversed(_parts(run)[1:])),
    ):
        if scores:
            metric = _main_metric(scores, monitor)
            return metric, scores[metric], part
    best = run.history.best(monitor, mode) if run.history else None
    return (monitor, best[1], "best epoch") if best else ("", None, "")


def _main_metric(scores: Mapping[str, Any], monitor: str) -> str:
    """The monitored metric if it is more than the loss, else the first that is, else the loss."""
    monitored = monitor.removeprefix("val_")
    if monitored in scores and monitored != "loss":
        return monitored
    return next((metric for metric in scores if metric != "loss"), next(iter(scores)))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
