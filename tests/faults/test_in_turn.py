"""What one training puts in force is there for all networks of a study, and gone before the next training."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import in_turn
import pytest
from commandline import Nnrun, environment
from identical import differences, result
from laboratory import compiled_once, laboratory


@pytest.mark.parametrize("backend", ["jax", pytest.param("tensorflow", marks=pytest.mark.nightly)])
def test_in_turn_several_devices_leave_nothing_behind(backend: str, tmp_path: Path) -> None:
    alone = laboratory(backend)  # skips without the backend
    path = {"PYTHONPATH": f"{environment()['PYTHONPATH']}:{Path(in_turn.__file__).parent}"}
    settings = {**environment(), **path, **compiled_once(tmp_path / "compiled")}
    command = [sys.executable, in_turn.__file__, backend, str(tmp_path)]
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    turns = json.loads(done.stdout)
    assert [turn["devices"] for turn in turns] == [[2], [2, 2, 2], [1], [2]]
    assert [turn["left"] for turn in turns] == [1, 1, 1, 1]
    first, folds, one, last = (Path(turn["run"]) for turn in turns)
    assert differences(result(first), result(last)) == []
    widths = {json.loads((folds / f"fold-{fold}" / "run.json").read_text())["parameters"] for fold in (1, 2, 3)}
    assert len(widths) == 2  # the session was cleared between two of them
    fresh = tmp_path / "fresh"
    ended = alone.command(["train", in_turn.write(tmp_path, backend), "--runs", "runs", "-q"], fresh)
    assert ended.code == 0, ended.said
    assert differences(result(fresh / "runs" / "turn"), result(one)) == []


def test_in_turn_a_process_that_has_computed_cannot_be_parted(nnrun: Nnrun, folder: Path) -> None:
    config = in_turn.write(folder, "tensorflow")
    assert nnrun("train", config).code == 0
    settings = [word for override in in_turn.TWO for word in ("-s", override)]
    refused = nnrun("train", config, "--name", "parted", *settings)
    assert refused.code == 2
    assert "this process has computed already" in refused.err
    assert "train it in a process of its own" in refused.err
    assert not (folder / "runs" / "parted").exists()
