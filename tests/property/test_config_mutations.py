"""Configs that a slip of the hand has changed: a config comes out, or problems with their places, and quickly."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from commandline import CONFIGS, REPOSITORY
from invented import Inventor
from slips import altered, mutated
from tally import record

from nnrun.check import examine_file
from nnrun.config import library, read_config
from nnrun.config.dump import dump
from nnrun.config.loader import load_text
from nnrun.data.files import Roots
from nnrun.errors import ConfigError, NnrunError, Problem
from nnrun.model.expansion import expand
from nnrun.model.shapes import Arithmetic

KEYLESS = re.compile("'.*' is missing|unknown key ''|the file is empty|a config is a mapping")
HANG = 5  # seconds of the processor: a guard against a hang, never a measure of speed
SHAPES = ((32, 32, 3), (20, 8), (10,), (16, 16, 16, 1), ())


@cache
def originals() -> tuple[Path, ...]:
    """Every config of ours: the cookbook, the gallery, the shipped blocks."""
    shipped = Path(library.__file__).parent
    return tuple(
        sorted(found for folder in (CONFIGS, REPOSITORY / "tests/gallery", shipped) for found in folder.glob("*.yaml"))
    )


@cache
def original(file: Path) -> str:
    """A config whose graph can be written out here: where its data is elsewhere, it says the shapes of its inputs."""
    text = file.read_text(encoding="utf-8")
    data = load_text(text, "").data
    if file.parent == CONFIGS or "models" in data:
        return text
    if "model" not in data:  # the blocks alone
        layers = list(data["blocks"])
        data = {"data": {"source": {"sklearn": "digits"}}, "model": {"layers": layers}, **data}
    config, _ = read_config(file) if "model" in load_text(text, "").data else (None, [])
    if config is None or "inputs" in data["model"]:
        return dump(data)
    best: tuple[int, dict[str, Any]] | None = None
    for shape in SHAPES:
        names = ["picture"]
        for _ in range(2):
            measure = Arithmetic()
            graph = expand(config.model, dict.fromkeys(names, shape), {}, None, measure)
            told = [problem.what for problem in (*graph.problems, *measure.problems)]
            missing = [
                found[1] for found in (re.search("no step or input '(\\w+)' above", what) for what in told) if found
            ]
            names = list(dict.fromkeys(missing)) or names
        if best is None or len(told) < best[0]:
            best = len(told), {name: list(shape) for name in names}
    assert best is not None
    return dump({**data, "model": {**data["model"], "inputs": best[1]}})


def slipped(draw: random.Random) -> str:
    """One of our configs with a slip of the hand."""
    text = original(draw.choice(originals()))
    return mutated(text, draw) if draw.random() < 0.4 else dump(altered(load_text(text, "").data, draw))


def invented(draw: random.Random) -> str:
    """A config of the grammar, every second with a slip."""
    data = Inventor(draw).config()
    return dump(altered(data, draw) if draw.random() < 0.5 else data)


def examined(file: Path, text: str) -> tuple[Problem, ...]:
    file.write_bytes(text.encode("utf-8"))
    try:
        problems = examine_file(file, (), Roots(file.parent, (CONFIGS,))).problems
    except ConfigError as error:
        return error.problems  # of the text: no key is known
    keyless = [problem.what for problem in problems if not (problem.where and problem.where.path)]
    assert all(KEYLESS.match(what) for what in keyless), f"no key: {keyless}"
    return problems


def hold(file: Path, text: str) -> tuple[bool, float]:
    """Whether the config is right, and the seconds that the answer took; fails where it is no answer."""
    begun = time.process_time()
    try:
        problems = examined(file, text)
    except NnrunError as error:
        raise AssertionError(f"not a problem of the config: {error}") from error
    except Exception as error:
        raise AssertionError(f"a traceback: {error!r}") from error
    seconds = time.process_time() - begun
    for problem in problems:
        assert problem.where, f"no place: {problem}"
        assert min(problem.where.line, problem.where.column) > 0, f"no place: {problem}"
        assert problem.what, "no word of what is wrong"
    assert seconds < HANG, f"{seconds:.1f} seconds"
    return not problems, seconds


def hold_all(name: str, file: Path, write: Callable[[random.Random], str], seeds: Iterable[int]) -> int:
    """Every seed's config; how many of them are right. A failure names its seed and holds its text."""
    seeds, right, slowest = list(seeds), 0, 0.0
    for seed in seeds:
        text = write(random.Random(seed))
        try:
            good, seconds = hold(file, text)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}\n{text}") from error
        right, slowest = right + good, max(slowest, seconds)
    note = f"{name}, the slowest {slowest:.2f} s"
    print(f"{len(seeds)} configs, {right} right, {note}")
    record("R9", points=len(seeds), passed=len(seeds), note=note)
    return right


def test_config_mutations_never_end_in_a_traceback(tmp_path: Path) -> None:
    hold_all("mutated", tmp_path / "mutated.yaml", slipped, range(1_000))


def test_config_of_the_grammar_is_right_or_told(tmp_path: Path) -> None:
    right = hold_all("generated", tmp_path / "mutated.yaml", invented, range(200))
    assert right >= 50  # the grammar writes the language, and not only its mistakes


@pytest.mark.nightly
def test_config_ten_thousand_mutations_never_end_in_a_traceback(tmp_path: Path) -> None:
    hold_all("mutated", tmp_path / "mutated.yaml", slipped, range(10_000))


@pytest.mark.nightly
def test_config_two_thousand_of_the_grammar_are_right_or_told(tmp_path: Path) -> None:
    hold_all("generated", tmp_path / "mutated.yaml", invented, range(2_000))
