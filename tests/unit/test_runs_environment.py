"""What a run ran on."""

from __future__ import annotations

import getpass
import json
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from nnrun.runs.environment import collect, git_commit


def test_environment_tells_versions_without_importing_anything() -> None:
    code = (
        "import sys, json; from nnrun.runs.environment import collect; found = collect(['nnrun', 'train'])\n"
        "assert not {'keras', 'tensorflow', 'numpy', 'pandas', 'sklearn'} & set(sys.modules)\n"
        "print(json.dumps(found))"
    )
    found = json.loads(
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
        ).stdout
    )
    assert found["argv"] == ["nnrun", "train"]
    assert found["versions"]["python"] == platform.python_version()
    assert found["versions"]["keras"] == version("keras")
    assert found["cpus"] >= 1


def test_environment_keeps_the_names_of_host_and_user_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "node", lambda: "secret-host")
    monkeypatch.setattr(getpass, "getuser", lambda: "secret-user")
    assert "secret" not in str(collect())


def test_environment_has_no_commit_outside_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git_commit(tmp_path) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_commit(tmp_path) is None


def test_environment_reads_the_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "a")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "a@b.c")
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    commit = git_commit(tmp_path)
    assert commit is not None
    assert len(commit) == 40
