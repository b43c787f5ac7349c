"""Tasks: one file each, with one function of the file's name that gives the textbook's rules."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from nnrun.tasks.task import Facts, Task

__all__ = ["Facts", "Task", "get", "names"]


@cache
def names() -> tuple[str, ...]:
    """The tasks that a config may name."""
    return tuple(sorted(p.stem for p in Path(__file__).parent.glob("*.py") if p.stem not in ("__init__", "task")))


def get(name: str, facts: Facts) -> Task:
    """The rules of a task, given the facts of its target."""
    found: Task = getattr(import_module(f"nnrun.tasks.{name}"), name)(facts)
    return found
