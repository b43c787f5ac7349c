"""The counts that the nightly run collects: how many points of a promise were tried, and how many held."""

from __future__ import annotations

import json
import os


def record(name: str, *, points: int, passed: int, note: str = "") -> None:
    """Adds a line to the file that NNRUN_TALLY names; without it, nothing is counted."""
    path = os.environ.get("NNRUN_TALLY")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"name": name, "points": points, "passed": passed, "note": note}) + "\n")
