"""The command line as the tests call it: in this process, or as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nnrun

REPOSITORY = Path(__file__).parent.parent
CONFIGS = REPOSITORY / "configs"


@dataclass(frozen=True)
class Result:
    """What a command left: its exit code, what it printed as result (out) and beside it (err)."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one value of `--json`."""
        return json.loads(self.out)

    @property
    def run(self) -> Path:
        """The run's folder, which stands in the last line."""
        return Path(self.out.rstrip().splitlines()[-1])


Nnrun = Callable[..., Result]


def environment() -> dict[str, str]:
    """The environment of a process that finds nnrun, with no setting of the person who runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NNRUN_", "KERAS_"))}
    return {**kept, "PYTHONPATH": str(Path(nnrun.__file__).parent.parent)}


def process(*arguments: str | Path, timeout: float = 120) -> Result:
    """`python -m nnrun ARGUMENTS` in the current folder."""
    command = [sys.executable, "-m", "nnrun", *map(str, arguments)]
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL
    )
    return Result(done.returncode, done.stdout, done.stderr)


def begun(nnrun: Nnrun, config: Path, *options: str) -> None:
    """The run whose network a config begins with, rehearsed under its own name: `# First:` names its config."""
    first = config.read_text(encoding="utf-8").partition("# First: nnrun train ")[2].split()
    if first:
        rehearsed = nnrun("train", REPOSITORY / first[0], *options, "--smoke", "-q").run
        rehearsed.rename(rehearsed.with_name(rehearsed.name.removesuffix("-smoke")))
