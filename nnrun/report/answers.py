"""Whole answers that a run has read as sequences, beside what is true: some wrong ones, then some right ones."""

from __future__ import annotations

from nnrun.runs.run import Run

MOST = 12
READ_WHOLE = "exact_match"


def answer_rows(run: Run, most: int = MOST) -> list[dict[str, str]]:
    """Rows of the test part, else of validation: row, target, prediction; none where no sequences are read."""
    part = next((part for part in ("test", "validation") if _reads_whole(run, part)), None)
    found = [row for row in run.predictions if row.get("part") == part] if part else []
    wrong = [row for row in found if row["target"] != row["prediction"]][: most // 2]
    right = [row for row in found if row["target"] == row["prediction"]]
    return [*wrong, *right[: most - len(wrong)]]


def _reads_whole(run: Run, part: str) -> bool:
    scores = run.metrics.get(part)
    return isinstance(scores, dict) and any(name.endswith(READ_WHOLE) for name in scores)
