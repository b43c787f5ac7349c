"""`trainable` inside a step: which layers of an application, of an earlier run or of another model learn."""

from __future__ import annotations

from typing import Any

from nnrun.config.kinds import shown
from nnrun.config.loader import Path
from nnrun.config.names import Names


def read_trainable(names: Names, value: Any, path: Path) -> Any:
    """The rule as it is written; None where there is none, or where it is none, which is noted."""
    if value is None or isinstance(value, bool):
        return value
    known = ("from", "last", "except")
    if isinstance(value, dict) and value and set(value) <= set(known) and not {"from", "last"} <= set(value):
        last = value.get("last", 1)
        excepted = value.get("except", "BatchNormalization")
        if isinstance(last, int) and isinstance(value.get("from", ""), str) and isinstance(excepted, str | list):
            return dict(value)
    expected = "true, false, {from: LAYER} or {last: 20}, with `except: BatchNormalization` beside them"
    names.problem(path, f"trainable is {shown(value)}", expected)
    return None
