"""Configs that a slip of the hand has changed: a config comes out, or problems with their places, and quickly."""

from __future__ import annotations

import copy
import random
import time
from pathlib import Path
from typing import Any

import pytest
from commandline import CONFIGS

from nnrun.check import examine_file
from nnrun.config.dump import dump
from nnrun.config.loader import load_text
from nnrun.data.files import Roots
from nnrun.errors import ConfigError, NnrunError, Problem

COOKBOOK = sorted(CONFIGS.glob("*.yaml"))
ODD_VALUES = (
    "", "null", "true", "-1", "0", "1e400", ".nan", "99999999999999999999", '""', "[]", "{}", "[[]]", "[null]",
    "{a: b}", "{1: 2}", "$data", "$data.image", "ü", "\u200b", "\U0001f600", "'", "&a [*a]", "*a", "!!str x", "- x",
    "# c", "/etc/passwd", "{Dense: 64}", "[Dense, Dense]", "Dense", "yes", "12:30", "2016-01-01", "0x1F", "0o17",
    "a" * 500,
)  # fmt: skip


ODD_DATA: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, 10**400, -(10**30), float("inf"), float("nan"), "", " ", "5", "1e-3", "$data", "$data.a.b",
    "$$", "a.b", "a/b", "../x", "\U0001f600", [], {}, [[]], [None], [1, "a"], {1: 2}, {"": 1}, {"a": None}, {"name": 5},
    "Dense", "relu", "Adam", {"Dense": None}, {"Dense": {"Dense": 8}}, {"Dense": [8, "relu"]}, {"Adam": 0.1},
    {"Bidirectional": {"LSTM": {"units": []}}}, {"repeat": {"units": []}},
    {"Conv2D": {"filters": 8, "kernel_size": [3, None]}},
    {"Dense": {"units": 8, "from": [], "repeat": 10**9, "name": ""}}, {"Dense": {"from": "previous", "units": 10**400}},
    {"L2": "x"}, {"type": "Adam"}, {"csv": None}, {"csv": {"path": ["a"]}}, {"index": []},
    {"columns": "a", "steps": [5]},
)  # fmt: skip


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything inside plain data."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [found for key, value in inner for found in ((*path, key), *places(value, (*path, key)))]


def altered(data: Any, draw: random.Random) -> Any:
    """One to three slips that leave YAML: values replaced, wrapped, doubled, deleted; keys renamed or moved."""
    for _ in range(draw.randint(1, 3)):
        found = places(data)
        if not found:
            return data
        *path, last = draw.choice(found)
        holder = data
        for part in path:
            holder = holder[part]
        value = holder[last]
        match draw.randrange(6):
            case 0:
                del holder[last]
            case 1:
                holder[last] = draw.choice([[value], {"a": value}, str(value), [value, value]])
            case 2 if isinstance(holder, dict) and isinstance(last, str):
                renamed = draw.choice([last.upper(), last.lower(), last[1:], last + "s", "name", 5])
                holder[renamed] = holder.pop(last)
            case 3 if isinstance(data, dict) and isinstance(last, str):
                data[last] = value
            case _:
                holder[last] = copy.deepcopy(draw.choice(ODD_DATA))
    return data


def mutated(text: str, draw: random.Random) -> str:
    """One to three slips: lines deleted, doubled, swapped, indented; characters changed; values replaced."""
    for _ in range(draw.randint(1, 3)):
        lines = text.splitlines() or [""]
        place, other = draw.randrange(len(lines)), draw.randrange(len(lines))
        line = lines[place]
        key, colon, _rest = line.partition(":")
        match draw.randrange(9):
            case 0:
                del lines[place]
            case 1:
                lines.insert(other, line)
            case 2:
                lines[place], lines[other] = lines[other], line
            case 3:
                lines[place] = draw.choice(["  " + line, line[1:], "\t" + line, "- " + line, line.lstrip()])
            case 4 if line:
                at = draw.randrange(len(line))
                lines[place] = line[:at] + draw.choice("abz019:,-[]{}'\"#&*!|>%@` .$~\n\t\0ü") + line[at + 1 :]
            case 5 if line:
                at = draw.randrange(len(line))
                lines[place] = line[:at] + line[at + 1 :]
            case 6 if colon:
                lines[place] = f"{key}: {draw.choice(ODD_VALUES)}"
            case 7:
                words = line.split(" ")
                words[draw.randrange(len(words))] = draw.choice(ODD_VALUES)
                lines[place] = " ".join(words)
            case _:
                lines = lines[: place + 1]
        text = "\n".join(lines) + "\n"
    return text


HANG = 30  # seconds: a guard against a hang, never a measure of speed


def examined(file: Path, text: str) -> tuple[tuple[Problem, ...], float]:
    file.write_bytes(text.encode("utf-8"))
    begun = time.process_time()
    try:
        problems = examine_file(file, (), Roots(file.parent, (CONFIGS,))).problems
    except ConfigError as error:
        problems = error.problems
    return problems, time.process_time() - begun


def hold(file: Path, seed: int) -> None:
    draw = random.Random(seed)
    text = draw.choice(COOKBOOK).read_text(encoding="utf-8")
    text = mutated(text, draw) if draw.random() < 0.4 else dump(altered(load_text(text, "").data, draw))
    try:
        problems, seconds = examined(file, text)
    except NnrunError as error:
        raise AssertionError(f"seed {seed}: {error}\n{text}") from error
    except Exception as error:
        raise AssertionError(f"seed {seed}: a traceback\n{text}") from error
    placeless = [problem for problem in problems if not (problem.where and problem.where.line and problem.where.column)]
    assert placeless == [], f"seed {seed}\n{text}"
    assert seconds < HANG, f"seed {seed}\n{text}"


def test_config_mutations_never_end_in_a_traceback(tmp_path: Path) -> None:
    for seed in range(300):
        hold(tmp_path / "mutated.yaml", seed)


@pytest.mark.nightly
def test_config_ten_thousand_mutations_never_end_in_a_traceback(tmp_path: Path) -> None:
    for seed in range(10_000):
        hold(tmp_path / "mutated.yaml", seed)
