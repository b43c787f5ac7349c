"""What README.md and docs/ show, works: shell lines are typed, Python is run, configs are checked beside data."""

from __future__ import annotations

import csv
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from commandline import Nnrun
from jsonschema import Draft7Validator
from pages import ROOT, Block, blocks

from nnrun.check import examine_file
from nnrun.data.files import Roots
from nnrun.guide import topics
from nnrun.guide.schema import schema

# A block of docs/language.md that lacks one of these is read with it.
BASE = {
    "data": "data: {source: {csv: houses.csv}, target: price, split: {validation: 0.2}}\n",
    "model": "model: {layers: [{Dense: 8}]}\n",
}
HEADER = ["area", "rooms", "city", "year", "price", "sold"]
CITIES = ["Bern", "Basel", "Chur"]
CONFIGS = blocks("yaml")


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    """A folder with thirty houses, an archive that no check unpacks, and a Python file that is approved."""
    shutil.copy(ROOT / "configs" / "own_layer.py", tmp_path)
    (tmp_path / "data").mkdir()
    shutil.copy(ROOT / "configs" / "data" / "inks.npz", tmp_path / "data")
    zipfile.ZipFile(tmp_path / "cells.zip", "w").close()
    for name in ("houses.csv", "houses-2024.csv"):
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        for row in range(30):
            writer.writerow([50 + row, 2 + row % 4, CITIES[row % 3], 2020 + row % 4, 1000.5 * row, "yn"[row % 2]])
        (tmp_path / name).write_text(text.getvalue(), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("block", CONFIGS, ids=str)
def test_docs_every_config_on_the_pages_is_right(block: Block, houses: Path) -> None:
    there = f"\n{block.text}".replace("\nmodels:", "\nmodel:")
    written = block.text + "".join(text for key, text in BASE.items() if f"\n{key}:" not in there)
    (houses / "config.yaml").write_text(written, encoding="utf-8")
    found = examine_file(houses / "config.yaml", [], Roots(houses, ()))
    assert [str(problem) for problem in found.problems] == []
    assert found.warnings == ()
    assert found.rows


def test_docs_a_wrong_config_would_be_seen(houses: Path) -> None:
    (houses / "config.yaml").write_text(BASE["data"] + "model: {layers: [{Dence: 8}]}\n", encoding="utf-8")
    assert len(examine_file(houses / "config.yaml", [], Roots(houses, ())).problems) == 1


@pytest.mark.parametrize(("heading", "kind"), [("Where rows come from", "source"), ("How columns become", "entry")])
def test_docs_every_line_of_the_tables_of_data_is_right(heading: str, kind: str) -> None:
    """Names, settings and kinds of values by the schema; all sources and preparations are there."""
    text = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    section = text[text.index(f"## {heading}") :].split("\n## ")[0]
    lines = [line.split("|")[2] for line in section.splitlines() if line.startswith("| ")][1:]
    shown = [yaml.safe_load(cell) for line in lines for cell in re.findall(r"`([^`]+)`", line)]
    whole = schema()
    validator = Draft7Validator({**whole["definitions"][kind], "definitions": whole["definitions"]})
    assert [(one, error.message) for one in shown for error in validator.iter_errors(one)] == []
    steps = [step for one in shown for step in one.get("steps", [one])]
    named = {name for step in steps for name in ([step] if isinstance(step, str) else step)}
    assert named == set(topics.names("sources" if kind == "source" else "preparations"))


@pytest.fixture
def clone(folder: Path) -> Path:
    """What the pages' commands find in a fresh clone: configs of the cookbook and the default of pyproject.toml."""
    shutil.copytree(ROOT / "configs", folder / "configs")
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.mark.parametrize("page", sorted({block.page for block in blocks("bash", "run")}))
def test_docs_every_shell_block_works(page: str, clone: Path, nnrun: Nnrun) -> None:
    """All lines of a page in their order, as a person would type them; trainings and measurements are cut short."""
    lines = [(block, line) for block in blocks("bash", "run") if block.page == page for line in block.text.splitlines()]
    assert lines
    for block, line in lines:
        program, *words = shlex.split(line)
        assert program == "nnrun"
        if words[0] in ("train", "cv"):  # `--smoke` would rename the run that a later line draws
            words += ["-s", "fit.epochs=2", "-s", "fit.steps_per_epoch=2"]
        if words[0] == "bench":
            words += ["--seconds", "0.1"]
        done = nnrun(*words)
        assert done.code == 0, f"{block}: {line}\n{done.err}"
        assert done.out.strip(), f"{block}: {line} says nothing"


def test_docs_the_own_file_on_the_page_is_that_of_the_cookbook() -> None:
    [shown] = [block for block in blocks("python") if block.page == "docs/plugins.md"]
    assert shown.text == (ROOT / "configs" / "own_layer.py").read_text(encoding="utf-8")


def test_docs_the_python_example_works(clone: Path) -> None:
    [example] = blocks("python", "run")
    assert 'overrides=["fit.epochs=5"]' in example.text
    code = example.text.replace('"fit.epochs=5"', '"fit.epochs=1", "fit.steps_per_epoch=2"')
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=clone, env=environment(), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "'accuracy':" in done.stdout


def environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("NNRUN_")}
    return {**kept, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
