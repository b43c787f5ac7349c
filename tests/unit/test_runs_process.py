"""Whether a process is still there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nnrun.runs import process

LINUX = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


def test_process_this_one_is_alive() -> None:
    assert process.alive(process.identity()) is True


def test_process_that_has_ended_is_not_alive() -> None:
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            "import json; from nnrun.runs import process; print(json.dumps(process.identity()))",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    import json

    assert process.alive(json.loads(ended.stdout)) is False


def test_process_not_yet_reaped_is_not_alive() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert child.stdin is not None
    assert process.alive({"pid": child.pid}) is True
    child.kill()
    child.stdin.close()
    child.wait()
    assert process.alive({"pid": child.pid}) is False


@LINUX
def test_process_with_a_reused_number_is_another_one() -> None:
    ours = process.identity()
    assert process.alive(ours | {"started": ours["started"] - 1}) is False
    assert process.alive(ours | {"boot": "an earlier one"}) is False


def test_process_of_another_host_is_unknown() -> None:
    assert process.alive(process.identity() | {"host": "another"}) is None
    assert process.alive({}) is None
    assert process.alive({"pid": "x"}) is None


def test_process_identity_does_not_tell_the_name_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.node", lambda: "secret-host")
    assert "secret-host" not in str(process.identity())
