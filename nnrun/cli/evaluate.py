"""`nnrun evaluate RUN`."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nnrun.cli import options as o

if TYPE_CHECKING:
    from nnrun.prediction import Evaluation


def evaluate(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's folder, or its name in the folder of the runs.")],
    data: Annotated[
        Path | None, typer.Option("--data", metavar="FILE|FOLDER", help="Labelled rows in place of the run's own.")
    ] = None,
    part: Annotated[
        str | None, typer.Option("--part", metavar="PART", help="test (the default), validation or train.")
    ] = None,
    runs: o.Runs = Path("runs"),
    data_root: o.DataRoot = None,
    allow_download: o.Download = False,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Score a trained run again, on a part of its own rows or on a labelled file, from what its folder holds.

    Example: nnrun evaluate runs/regression --part validation
    """
    from nnrun import prediction
    from nnrun.cli.study import prepared
    from nnrun.runs.index import find

    console = o.console(quiet=quiet, as_json=as_json)
    options = prepared(
        as_json=as_json, verbose=False, quiet=quiet, runs=runs, data_root=data_root, allow_download=allow_download
    )
    found = prediction.evaluate(find(runs, run).path, data, part, options)
    rows = _rows(found)
    console.json(
        {
            "path": str(found.run.path),
            "of": found.of,
            "rows": found.rows,
            "metrics": found.means,
            "folds": [dict(scores) for scores in found.scores] if len(found.scores) > 1 else None,
            "floor": found.floors,
            "notes": list(found.notes),
        }
    )
    numbers = frozenset(name for row in rows for name, value in row.items() if isinstance(value, int | float))
    console.table(rows, right=numbers)
    for note in found.notes:
        console.say(note)
    console.result(f"{found.rows:,} rows")


def _rows(found: Evaluation) -> list[dict[str, Any]]:
    """A row a metric: its value, or mean and deviation over the folds; beside it what knowing nothing would reach."""
    rows = []
    for metric in found.scores[0]:
        values = [scores[metric] for scores in found.scores]
        told = {found.of: values[0]}
        if len(values) > 1:
            told = {"mean": found.means[metric], "sd": statistics.stdev(values)}
        floors = {f"floor ({name.replace('_', ' ')})": of.get(metric) for name, of in found.floors.items()}
        rows.append({"metric": metric, **told, **floors})
    return rows
