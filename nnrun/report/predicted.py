"""The rows of `predictions.csv` that a figure is about: those of one output, of the part that counts most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nnrun.runs.run import Run


@dataclass(frozen=True)
class Predicted:
    """Targets and predictions of one output, as texts, and the part that they are of."""

    output: str
    part: str
    task: str
    classes: tuple[str, ...]
    targets: tuple[str, ...]
    predictions: tuple[str, ...]
    threshold: float | None = None  # above which the second class is answered, where it is not one half


def predicted(run: Run, tasks: frozenset[str]) -> Iterator[Predicted]:
    """Every output of `run` whose task is one of `tasks`, with its held-out predictions."""
    for output, task in run.tasks.items():
        if task.get("task") not in tasks:
            continue
        rows = [row for row in run.predictions if row.get("output", output) == output]
        part, rows = _held_out(rows)
        if rows:
            yield Predicted(
                output=output,
                part=part,
                task=str(task["task"]),
                classes=tuple(str(name) for name in task.get("classes") or ()),
                targets=tuple(row.get("target") or "" for row in rows),
                predictions=tuple(row.get("prediction") or "" for row in rows),
                threshold=(run.metrics.get("threshold") or {}).get(output, {}).get("value"),
            )


def class_names(task: Predicted) -> tuple[str, ...]:
    """The classes of the task; where it has none, the values found, numbers in their order."""
    if task.classes:
        return task.classes
    found = set(task.targets) | set(task.predictions)
    return tuple(
        sorted(found, key=lambda name: (not name.isdecimal(), int(name or 0) if name.isdecimal() else 0, name))
    )


def class_number(cell: str, classes: tuple[str, ...]) -> int | None:
    """The position of the class that a cell names or numbers; None if it does neither."""
    if cell in classes:
        return classes.index(cell)
    try:
        number = float(cell)
    except ValueError:
        return None
    return int(number) if number.is_integer() and 0 <= number < len(classes) else None


def _held_out(rows: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    parts = list(dict.fromkeys(row.get("part") or "" for row in rows))
    for part in ("test", "validation", *parts):
        if part in parts and part != "train":
            return ("held-out folds" if part in ("", "fold", "folds") else part), [
                row for row in rows if (row.get("part") or "") == part
            ]
    return "", []
