"""The options that verbs share, spelled once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from nnrun.cli.console import Console

ConfigArgument = Annotated[
    str | None, typer.Argument(metavar="CONFIG", help="The YAML file; without it, the default config.")
]
Name = Annotated[str | None, typer.Option("--name", help="The run's name; default: the config's.")]
Runs = Annotated[Path, typer.Option("--runs", envvar="NNRUN_RUNS", help="The folder of the runs.")]
DataRoot = Annotated[Path | None, typer.Option("--data-root", help="A folder in which the config's data files lie.")]
Seed = Annotated[int | None, typer.Option("--seed", help="The seed of initial weights, order and dropout.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", metavar="KEY=VALUE", help="Override a key: -s fit.epochs=5."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON value on stdout, for programs.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show what TensorFlow prints at its start.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only the result.")]
Smoke = Annotated[bool, typer.Option("--smoke", help="A rehearsal: two epochs of two steps of everything.")]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with the newest unfinished run of this config, if there is one.")
]
Download = Annotated[bool, typer.Option("--allow-download", help="Let keras.datasets fetch from the network.")]


def console(*, quiet: bool = False, as_json: bool = False) -> Console:
    """What the command prints with."""
    return Console(quiet=quiet, as_json=as_json)


def overrides(settings: list[str] | None, seed: int | None) -> list[str]:
    """All overrides of the config; `--seed 1` is `-s seed=1`."""
    return [*(settings or ()), *([f"seed={seed}"] if seed is not None else ())]


def argv() -> list[str]:
    """The command as it was typed, for the record."""
    return ["nnrun", *sys.argv[1:]]
