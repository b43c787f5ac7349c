"""A training that diverges does so at the same batch after a kill, and no snapshot of it holds what is no number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from breaking import SHARES, killed_and_resumed, settle, spread, undisturbed
from experiments import DIVERGES
from laboratory import CHANGING, Fault, every, laboratory

from nnrun.storage import snapshots


@pytest.mark.parametrize("whole", SHARES)
def test_diverged_resume_of_a_killed_run_diverges_at_the_same_batch(whole: bool, tmp_path: Path) -> None:
    alone = undisturbed(DIVERGES)
    points = spread(alone.count(CHANGING), None if whole else 4)
    complaints = every(lambda n: killed_and_resumed(alone, Fault("kill", n), tmp_path / str(n)), points)
    settle("R13", len(points), complaints, "the same batch after a kill")


def test_diverged_resume_finds_only_finite_snapshots() -> None:
    run = laboratory().folder / DIVERGES.name / "runs" / DIVERGES.name
    undisturbed(DIVERGES)
    newest = snapshots.newest(run / "snapshots")
    assert newest is not None
    assert newest.manifest["epoch"] >= 1
    arrays = newest.arrays("variables")
    assert [name for name, array in arrays.items() if not np.isfinite(array).all()] == []
