"""Every mistake of the folder `mistakes`, with the exact text that `nnrun check` prints about it.

`NNRUN_UPDATE_GOLDEN=1 pytest tests/golden` writes the texts anew; read the difference before it is committed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import Nnrun, environment

MISTAKES = Path(__file__).parent / "mistakes"
NAMES = sorted(path.stem for path in MISTAKES.glob("*.yaml"))
UPDATE = os.environ.get("NNRUN_UPDATE_GOLDEN") == "1"  # read before a test clears nnrun's settings
HEAVY = ("tensorflow", "keras", "pandas", "sklearn", "matplotlib")


@pytest.fixture
def in_mistakes(nnrun: Nnrun, monkeypatch: pytest.MonkeyPatch) -> Nnrun:
    """The command line in the folder of the mistakes, so that no message holds a path of this machine."""
    monkeypatch.chdir(MISTAKES)
    return nnrun


@pytest.mark.parametrize("name", NAMES)
def test_golden_mistake_is_told_in_these_words(name: str, in_mistakes: Nnrun) -> None:
    checked = in_mistakes("check", f"{name}.yaml")
    assert checked.code == 2
    assert checked.out == ""
    told = checked.err.replace(str(MISTAKES), "HERE").replace(str(MISTAKES.parents[1]), "TESTS")
    file = MISTAKES / f"{name}.txt"
    if UPDATE:
        file.write_text(told, encoding="utf-8")
    assert told == file.read_text(encoding="utf-8")


def test_golden_mistakes_are_many_and_each_says_what_it_is() -> None:
    assert len(NAMES) >= 120
    silent = [name for name in NAMES if not (MISTAKES / f"{name}.yaml").read_text().startswith("# Mistake: ")]
    assert silent == []


def test_golden_texts_have_a_mistake_each() -> None:
    assert sorted(path.stem for path in MISTAKES.glob("*.txt")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_golden_text_points_into_its_file(name: str) -> None:
    """Each problem begins with file:line:column, in the order of the lines, and no line runs on for ever."""
    text = (MISTAKES / f"{name}.txt").read_text(encoding="utf-8").removeprefix("nnrun: ")
    lines = [line for line in text.splitlines() if not re.fullmatch(r"\d+ problems", line)]
    heads = [line for line in lines if not line.startswith("    ")]
    places = [re.match(rf"{name}\.yaml:(\d+):(\d+): ", head) for head in heads]
    found = [(int(place[1]), int(place[2])) for place in places if place]
    written = (MISTAKES / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    assert len(found) == len(heads)
    assert found == sorted(found)
    assert all(1 <= line <= len(written) + 1 and column >= 1 for line, column in found)
    assert max(map(len, lines)) <= 260


def test_golden_mistakes_are_found_without_heavy_imports() -> None:
    """Every tenth of them in a process of its own, which then holds no TensorFlow, pandas or matplotlib."""
    program = f"""
import pathlib, sys
from nnrun.check import examine_file
from nnrun.data.files import Roots
from nnrun.errors import ConfigError
for file in sorted(pathlib.Path().glob("*.yaml"))[::10]:
    try:
        assert examine_file(file, (), Roots(pathlib.Path())).problems, file
    except ConfigError:
        pass
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=MISTAKES, env=environment(), capture_output=True, text=True, timeout=120
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
