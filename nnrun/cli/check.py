"""`nnrun check CONFIG`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nnrun.cli import options as o
from nnrun.cli.default import config_path
from nnrun.errors import ConfigError

if TYPE_CHECKING:
    from nnrun.check import Examination
    from nnrun.survey.leaks import Proof


def check(
    config: o.ConfigArgument = None,
    data: Annotated[bool, typer.Option("--data", help="Read the data too, so that what it holds is checked.")] = False,
    leaks: Annotated[
        bool, typer.Option("--leaks", help="Prove with the data that nothing is fitted on rows that are held out.")
    ] = False,
    runs: o.Runs = Path("runs"),
    data_root: o.DataRoot = None,
    settings: o.Settings = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Find everything that is wrong in a config, before TensorFlow is loaded.

    Example: nnrun check configs/cnn.yaml
    """
    from nnrun import experiment
    from nnrun.check import examine_file
    from nnrun.model import earlier

    console = o.console(quiet=quiet, as_json=as_json)
    path = config_path(config, runs, console)
    with earlier.among(runs):
        found = examine_file(path, settings or [], experiment.roots_of(path.parent, data_root))
    proof = _proof(found, data_root) if leaks and not found.problems else None
    problems = (*found.problems, *(proof.problems if proof else ()))
    console.json(
        {
            "config": str(path),
            "problems": [_data(problem) for problem in problems],
            "warnings": list(found.warnings),
        }
    )
    for warning in found.warnings:
        console.say(f"warning: {warning}")
    checked = found.checked()
    if proof is not None:
        if proof.problems:
            raise ConfigError(proof.problems)
        console.result(str(proof))
    if data:
        from nnrun.training.division import divide

        dataset = experiment.read_data(checked, experiment.Options(data_root=data_root))
        console.result(f"{dataset.size:,} rows; split: {divide(checked, dataset).how}")
    counts = [row.parameters for row in found.rows]
    known = f"{sum(count or 0 for count in counts):,} parameters" if None not in counts else _unknown(found)
    told = f"{len(found.rows)} layers, {known}" if found.rows else "shapes were not checked: the data is not here"
    console.result(f"{path}: no problems ({told})")


def _proof(found: Examination, data_root: Path | None) -> Proof:
    """That nothing is fitted on held-out rows, or what is."""
    from nnrun import experiment
    from nnrun.survey.leaks import prove

    checked = found.checked()
    return prove(checked, experiment.read_data(checked, experiment.Options(data_root=data_root)))


def _unknown(found: Examination) -> str:
    """Why the parameters cannot be told."""
    networks = [row.layer for row in found.rows if row.spec.slot == "applications"]
    return f"`nnrun show --build` counts those of {networks[0]}" if networks else "sizes depend on the data"


def _data(problem: object) -> dict[str, object]:
    where = getattr(problem, "where", None)
    return {
        "what": getattr(problem, "what", ""),
        "expected": getattr(problem, "expected", ""),
        "hint": getattr(problem, "hint", ""),
        "file": where.file if where else None,
        "line": where.line if where else None,
        "column": where.column if where else None,
        "path": where.path if where else None,
    }
