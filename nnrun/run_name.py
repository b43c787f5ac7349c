"""What a run may be called: a name that is a folder on every file system, and never hidden."""

from __future__ import annotations

import re

LATEST = "latest"  # points to the newest run, so no run may be called so
MAXIMUM_LENGTH = 100
EXPECTED = f"letters, digits, `.`, `_` and `-`, beginning with none of `.` and `-`, at most {MAXIMUM_LENGTH} characters"

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_OTHERS = re.compile(r"[^A-Za-z0-9._-]+")


def fault(name: str) -> str:
    """Why a run cannot be called `name`, in words; empty where it can."""
    if name == LATEST:
        return f"{name!r} is kept for the newest run"
    good = _NAME.fullmatch(name) and len(name) <= MAXIMUM_LENGTH
    return "" if good else f"{name!r} is no name for a run"


def run_name(text: str) -> str:
    """The name nearest to any text, such as that of a file: `my model (2)` gives `my-model-2`, `ü` gives `run`."""
    name = _OTHERS.sub("-", text).strip("-.")[:MAXIMUM_LENGTH]
    return "run" if fault(name) else name
