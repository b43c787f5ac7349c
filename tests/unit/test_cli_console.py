"""What the command line prints: results and problems apart, numbers short, nothing hostile."""

from __future__ import annotations

import json

import pytest

from nnrun.cli.console import Console, clean, shown
from nnrun.errors import ConfigError, Problem, UsageError, Where


def test_cli_console_results_go_to_stdout_and_sentences_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.result("done")
    console.say("chosen")
    assert capsys.readouterr() == ("done\n", "chosen\n")


def test_cli_console_json_is_the_only_thing_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(as_json=True)
    console.result("done")
    console.table([{"a": 1}])
    console.json({"a": [1, "ü"]})
    assert json.loads(capsys.readouterr().out) == {"a": [1, "ü"]}


def test_cli_console_quiet_keeps_sentences_back_but_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(quiet=True)
    console.say("chosen")
    console.error(UsageError("wrong", hint="right"))
    assert capsys.readouterr() == ("", "nnrun: wrong\n    right\n")


def test_cli_console_several_problems_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    Console().error(ConfigError([Problem("b", Where("c.yaml", 2, 1)), Problem("a", Where("c.yaml", 1, 5))]))
    assert capsys.readouterr().err == "nnrun: 2 problems\nc.yaml:1:5: a\nc.yaml:2:1: b\n"


def test_cli_console_table_aligns(capsys: pytest.CaptureFixture[str]) -> None:
    Console().table([{"name": "a", "value": 1}, {"name": "long", "value": 12}], right=frozenset({"value"}))
    assert capsys.readouterr().out == "name  value\n----  -----\na         1\nlong     12\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        ("", "-"),
        (True, "yes"),
        (1234567, "1,234,567"),
        (0.123456, "0.1235"),
        (1e-5, "1e-05"),
        (123456.7, "1.235e+05"),
        ("a\x1b[2J", "a\\x1b[2J"),
    ],
)
def test_cli_console_shown(value: object, text: str) -> None:
    assert shown(value) == text


def test_cli_console_clean_keeps_letters_and_lines() -> None:
    assert clean("Zürich\n日本\r\x00") == "Zürich\n日本\\x0d\\x00"
