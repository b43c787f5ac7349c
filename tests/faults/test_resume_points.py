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
from laboratory import compiled_once
from points import IN_FOLDS, Laboratory
from tally import record

SHARES = [pytest.param("some", id="some"), pytest.param("every", id="every", marks=pytest.mark.nightly)]
FEW_OR_EVERY = [pytest.param("few", id="some"), SHARES[1]]
ON_DEVICES = [kind for kind in points.KINDS if kind not in ("tensorflow", "jax")]
FEW = [pytest.param(kind, "few", id=f"{kind}-some") for kind in ("mirrored",)]
WHOLE = [pytest.param(kind, "every", id=f"{kind}-every", marks=pytest.mark.nightly) for kind in ON_DEVICES]


@pytest.mark.parametrize("share", SHARES)
def test_resume_points_on_tensorflow(share: str) -> None:
    settle(points.complaints("tensorflow", share), share, "TensorFlow")


@pytest.mark.parametrize("share", FEW_OR_EVERY)
def test_resume_points_on_jax(share: str, tmp_path: Path) -> None:
    settle(in_a_process("jax", share, tmp_path), share, "JAX")


@pytest.mark.parametrize(("kind", "share"), [*FEW, *WHOLE])
def test_resume_points_on_several_devices(kind: str, share: str, tmp_path: Path) -> None:
    settle(in_a_process(kind, share, tmp_path), share, kind)


def test_resume_points_of_a_fold_train_no_finished_fold_again(tmp_path: Path) -> None:
    assert Laboratory(tmp_path / "runs", "tensorflow", fresh=False).complaint(IN_FOLDS[0]) == ""


def in_a_process(kind: str, share: str, compiled: Path) -> list[str]:
    """The complaints of a kind in a process of its own: one has one backend, and its devices for life."""
    if "jax" in points.KINDS[kind].runtime and importlib.util.find_spec("jax") is None:
        pytest.skip("JAX is not installed: pip install 'nnrun[jax]'")
    path = {"PYTHONPATH": f"{environment()['PYTHONPATH']}:{Path(points.__file__).parent}"}
    command = [sys.executable, points.__file__, kind, share]
    settings = {**environment(), **path, **compiled_once(compiled)}
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


def settle(complaints: list[str], share: str, note: str) -> None:
    """Counts the points, and fails with every complaint."""
    count = len(points.SHARES[share])
    record("R15", points=count, passed=count - len(complaints), note=note)
    assert complaints == []
