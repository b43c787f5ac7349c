"""A run goes on under the plan that it was begun under; under another it is refused, with what to type instead."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from breaking import reference, wrong
from laboratory import CHANGING, Ended, Fault

SAME = ("-s", "runtime.strategy=mirrored", "-s", "runtime.memory_growth=false", "-s", "runtime.remainder=auto")


def kept(folder: Path) -> str:
    """What the run knows of its devices and settings."""
    told = json.loads((folder / "runs" / "mirrored" / "run.json").read_text())
    return json.dumps([told["plan"], told["overrides"]])


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (
            "runtime.strategy=one",
            "strategy data_parallel, replicas 2, remainder drop; here it would go on with strategy",
        ),
        pytest.param(
            "runtime.remainder=error",
            "remainder drop; here it would go on with remainder error",
            marks=pytest.mark.nightly,
        ),
    ],
)
def test_other_devices_are_refused_and_the_remedy_goes_on(setting: str, told: str, tmp_path: Path) -> None:
    whole = reference("mirrored")
    lab, run = whole.laboratory, "runs/mirrored"
    assert lab.command(whole.command(), tmp_path, Fault("kill", whole.count(CHANGING) * 2 // 3)).killed
    before = kept(tmp_path)
    refused = lab.command(["resume", run, "-s", setting], tmp_path)
    assert (refused.code, told in refused.err) == (3, True), refused.said
    assert kept(tmp_path) == before
    [line] = [line for line in refused.err.splitlines() if "as it was begun: " in line]
    command = shlex.split(line.partition("as it was begun: nnrun ")[2].partition(";")[0])
    assert command[:2] == ["resume", run]
    again: Ended = lab.command([*command, *SAME, "-q"], tmp_path)
    assert wrong(whole, tmp_path, again) == ""
