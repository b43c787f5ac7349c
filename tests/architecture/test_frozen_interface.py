"""The command line as people and scripts know it: a new option is a decision, taken in this file in the same commit."""

from __future__ import annotations

import pytest
from house import ROOT
from typer.main import get_command

from nnrun.cli import main
from nnrun.cli.app import app

GOLDEN = ROOT / "tests" / "golden" / "help"
SHARED = [
    "--data-root",
    "--json",
    "--name",
    "--quiet",
    "--runs",
    "--seed",
    "--set",
    "--smoke",
    "--verbose",
    "-q",
    "-s",
    "-v",
]
OPTIONS = {
    "": ["--version"],
    "bench": sorted(
        [
            "--allow-download",
            "--backend",
            "--data-root",
            "--figure",
            "--learning-rate",
            "--json",
            "--precision",
            "--quiet",
            "--runs",
            "--seconds",
            "--set",
            "-q",
            "-s",
        ]
    ),
    "check": ["--data", "--data-root", "--json", "--leaks", "--quiet", "--runs", "--set", "-q", "-s"],
    "cv": sorted([*SHARED, "--allow-download", "--folds", "--resume"]),
    "data": [
        "--allow-download",
        "--data-root",
        "--figure",
        "--json",
        "--quiet",
        "--rows",
        "--runs",
        "--set",
        "-q",
        "-s",
    ],
    "doctor": ["--data-root", "--json", "--quiet", "--set", "-q", "-s"],
    "evaluate": ["--allow-download", "--data", "--data-root", "--json", "--part", "--quiet", "--runs", "-q"],
    "export": ["--data-root", "--joined", "--output", "--python", "--quiet", "--runs", "--set", "-o", "-q", "-s"],
    "generate": [
        "--class",
        "--count",
        "--json",
        "--max-length",
        "--output",
        "--prompt",
        "--quiet",
        "--runs",
        "--seed",
        "--temperature",
        "--to",
        "--top-k",
        "--top-p",
        "-o",
        "-q",
    ],
    "help": ["--figure", "--json"],
    "init": ["--data", "--from-model", "--json", "--quiet", "--target", "--template", "-q"],
    "ls": ["--json", "--runs"],
    "plot": ["--figure", "--json", "--quiet", "--runs", "-q"],
    "predict": ["--batch-size", "--data", "--json", "--output", "--quiet", "--runs", "-o", "-q"],
    "resume": sorted(set(SHARED) - {"--name", "--seed", "--smoke"} | {"--allow-download"}),
    "schema": ["--output"],
    "show": ["--build", "--data-root", "--json", "--origin", "--quiet", "--runs", "--set", "--svg", "-q", "-s"],
    "train": sorted([*SHARED, "--allow-download", "--init-from", "--resume", "--trace"]),
    "trust": ["--json", "--list", "--revoke"],
}
ARGUMENTS = {
    "bench": ["config"],
    "check": ["config"],
    "cv": ["config"],
    "data": ["config"],
    "doctor": ["config"],
    "evaluate": ["run"],
    "export": ["what"],
    "generate": ["run"],
    "help": ["name"],
    "init": ["file"],
    "ls": [],
    "plot": ["run"],
    "predict": ["run"],
    "resume": ["run"],
    "schema": [],
    "show": ["what"],
    "train": ["config"],
    "trust": ["file"],
}
COMMANDS = sorted(name for name in OPTIONS if name)


def _parameters(name: str, kind: str) -> list[str]:
    command = get_command(app)
    if name:
        command = command.commands[name]  # type: ignore[attr-defined]
    found = [parameter for parameter in command.params if parameter.param_type_name == kind]
    if kind == "argument":
        return [str(parameter.name) for parameter in found]
    return sorted(word for parameter in found for word in (*parameter.opts, *parameter.secondary_opts))


def test_frozen_interface_commands() -> None:
    assert sorted(get_command(app).commands) == COMMANDS  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_frozen_interface_options(name: str) -> None:
    assert _parameters(name, "option") == OPTIONS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_frozen_interface_arguments(name: str) -> None:
    assert _parameters(name, "argument") == ARGUMENTS[name]


@pytest.mark.parametrize("name", ["nnrun", *COMMANDS])
def test_frozen_interface_help(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` to the letter; where it is wanted otherwise, the golden file changes in the same commit."""
    assert help_of(name, monkeypatch, capsys) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_frozen_interface_every_help_has_an_example_that_can_be_typed(name: str) -> None:
    """The example names the command, and only options that it has."""
    told = get_command(app).commands[name].help or ""  # type: ignore[attr-defined]
    example = next(line for line in told.splitlines() if line.strip().startswith("Example: ")).strip()
    words = example.removeprefix("Example: ").split()
    assert words[:2] == ["nnrun", name]
    assert [word for word in words if word.startswith("-") and word not in OPTIONS[name]] == []
    for word in words:
        assert not word.startswith("configs/") or (ROOT / word).is_file()


def test_frozen_interface_no_golden_file_is_left_over() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*")) == sorted(["nnrun", *COMMANDS])


def help_of(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What `nnrun NAME --help` prints on a terminal of 80 columns without colours."""
    for variable in ("NNRUN_RUNS", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    with pytest.raises(SystemExit) as exit_:
        main(["--help"] if name == "nnrun" else [name, "--help"])
    assert exit_.value.code == 0
    return capsys.readouterr().out
