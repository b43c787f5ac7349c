"""Runs every fault test whole and writes what held into docs/reliability.md: `python tests/faults/reliability.py`.

It takes hours. `--tally FILE` writes the page from the lines that an earlier run left in FILE.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- generated: reliability -->\n", "<!-- end -->"
HEAD = "| | what is done to a run | points | held |\n|---|---|---|---|\n"

WHAT = {
    "R1": "kill -9 before every operation that changes a file",
    "R2": "kill -9 at a random time, every third again while it goes on",
    "R3": "half a write, then kill -9",
    "R4": "a power cut: states of the disk that it may leave",
    "R5": "a full disk at every operation that needs room, once and for good; a disk of 4 MB",
    "R6": "SIGTERM, SIGINT, SIGHUP at a random time",
    "R7": "a hundred starts in one second; five whole runs at once; twenty resumes of one run",
    "R9": "a config with a slip of the hand, or written by a grammar: right, or told with line, column and key",
    "R10": "a model whose steps do not fit: refused before Keras is loaded, or by Keras at the step's line",
    "R11": "a malformed table, each with on_bad fail, skip and report: told with row and column, every row counted",
    "R12": "a picture that is broken or strange: a bad one is named before the training, a good one is used",
    "R13": "a training that diverges: stop at the batch, finite snapshots, the same batch after a kill",
    "R14": "a set of labels that is awkward for folds: refused with counts, or every fold has every class",
    "R15": "resume at epochs and between, TensorFlow and JAX, one device and several: the same bits",
    "R19": "a CSV of 1 GB under a limit of 3 GB: it trains with at most 1.5 GB resident",
}


def table(tally: Iterable[Mapping[str, Any]], when: str) -> str:
    """The generated part of the page: a row for each promise, a dash where nothing was counted."""
    counted: dict[str, list[int]] = {name: [0, 0] for name in WHAT}
    notes: dict[str, list[str]] = {name: [] for name in WHAT}
    for line in tally:
        name = str(line["name"])
        counted[name][0] += line["points"]
        counted[name][1] += line["passed"]
        if re.search(r"\d s$", line["note"]) and line["note"] not in notes[name]:  # a time that was measured
            notes[name].append(line["note"])
    rows = []
    for name, (points, passed) in counted.items():
        told = "; ".join([WHAT[name], *notes[name]])
        rows.append(f"| {name} | {told} | {points:,} | {passed:,} |\n" if points else f"| {name} | {told} | - | - |\n")
    return f"\n{HEAD}{''.join(rows)}\n{when}\n\n"


def versions() -> str:
    """When and on what the counts were taken."""
    parts = [f"{name} {version(name)}" for name in ("tensorflow", "keras", "jax", "numpy") if _installed(name)]
    cores = f"{os.cpu_count()} cores"
    told = (f"Python {platform.python_version()}", *parts, f"{platform.system()}, {cores}")
    return f"Counted on {datetime.now(UTC):%Y-%m-%d}: {', '.join(told)}."


def write(tally: Iterable[Mapping[str, Any]]) -> None:
    """Puts the table into the page."""
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    PAGE.write_text(head + BEGIN + table(tally, versions()) + END + tail, encoding="utf-8")


def _installed(name: str) -> bool:
    from importlib.util import find_spec

    return find_spec(name) is not None


def _run(file: Path) -> int:
    """Every fault test, whole where it has a share, with the counts in `file`."""
    names = ("config_mutations", "wrong_shapes", "malformed_csv", "strange_images", "awkward_labels")
    others = [ROOT / "tests" / "property" / f"test_{name}.py" for name in names]
    tests = map(str, (ROOT / "tests" / "faults", *others))
    command = [sys.executable, "-m", "pytest", "-q", "-m", "", "-k", "not some", *tests]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "NNRUN_TALLY": str(file)}).returncode


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tally", type=Path, help="write the page from this file; run nothing")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = chosen.tally or Path(folder) / "tally"
        code = 0 if chosen.tally else _run(file)
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        write([json.loads(line) for line in lines])
    sys.exit(code)


if __name__ == "__main__":
    main()
