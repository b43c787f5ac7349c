"""Fixtures of all tests: a folder to work in, and the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import commandline
import pytest
from commandline import Nnrun, Result


@pytest.fixture(scope="session", autouse=True)
def approvals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What is approved on this machine counts in no test; the cookbook's own Python files are approved in all."""
    from nnrun import trust

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NNRUN_STATE", raising=False)
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        for file in sorted(commandline.CONFIGS.glob("*.py")):
            trust.approve(file)
        yield trust.state()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, so that `runs/` lies there, with no NNRUN_ setting in force."""
    for name in [name for name in os.environ if name.startswith("NNRUN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def nnrun(folder: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Nnrun]:
    """The command line in this process, where TensorFlow is loaded once for all tests: `nnrun("train", "cnn.yaml")`."""
    from nnrun.cli import main

    def command(*arguments: str | Path) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Result(int(ended.value.code or 0), printed.out, printed.err)

    yield command
    if "keras" in sys.modules:
        from nnrun.model import framework

        framework.smoke(False)  # Keras' limits hold for the whole process: the next test trains in full


@pytest.fixture
def nnrun_process(folder: Path) -> Nnrun:
    """The command line as a process of its own."""
    return commandline.process
