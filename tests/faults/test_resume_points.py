"""A training that is stopped at an epoch's end, in its middle or in an evaluation goes on to the same bits (R15)."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import points
import pytest
from commandline import environment
from points import EVERY, IN_FOLDS, SOME, Laboratory
from tally import record

SHARES = [pytest.param(False, id="some"), pytest.param(True, id="every", marks=pytest.mark.nightly)]


@pytest.mark.parametrize("whole", SHARES)
def test_resume_points_on_tensorflow(whole: bool) -> None:
    settle(points.complaints("tensorflow", whole=whole), whole, "TensorFlow")


@pytest.mark.parametrize("whole", SHARES)
def test_resume_points_on_jax(whole: bool) -> None:
    if importlib.util.find_spec("jax") is None:
        pytest.skip("JAX is not installed: pip install 'nnrun[jax]'")
    command = [sys.executable, points.__file__, "jax", "every" if whole else "some"]
    path = {"PYTHONPATH": f"{environment()['PYTHONPATH']}:{Path(points.__file__).parent}"}
    done = subprocess.run(command, env={**environment(), **path}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    settle(json.loads(done.stdout), whole, "JAX")


def test_resume_points_of_a_fold_train_no_finished_fold_again(tmp_path: Path) -> None:
    assert Laboratory(tmp_path / "runs", "tensorflow", fresh=False).complaint(IN_FOLDS[0]) == ""


def settle(complaints: list[str], whole: bool, note: str) -> None:
    """Counts the points, and fails with every complaint."""
    count = len([*EVERY, *IN_FOLDS] if whole else SOME)
    record("R15", points=count, passed=count - len(complaints), note=note)
    assert complaints == []
