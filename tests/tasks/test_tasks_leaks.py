"""No task is fitted on rows that it holds out: the proof of `nnrun check --leaks`, by night and over real data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from commandline import Nnrun, begun

CONFIGS = sorted(Path(__file__).parent.glob("*.yaml"))
DATA = os.environ.get("NNRUN_DATA")  # read here, since no setting of the person is in force in a test


@pytest.mark.data
@pytest.mark.nightly
@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_task_has_no_leaks(config: Path, nnrun: Nnrun) -> None:
    if DATA is None:
        pytest.skip("the tasks read files that are no part of the repository: set NNRUN_DATA to their folder")
    begun(nnrun, config, "--data-root", DATA)
    proof = nnrun("check", "--leaks", config, "--data-root", DATA)
    assert proof.code == 0, proof.err
    assert "no leaks: " in proof.out
