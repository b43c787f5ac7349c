"""`nnrun predict RUN --data FILE`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from nnrun.cli import options as o


def predict(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's folder, or its name in the folder of the runs.")],
    data: Annotated[
        str, typer.Option("--data", metavar="FILE|FOLDER|-", help="The rows: as the run's source, or CSV on stdin.")
    ],
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="FILE", help="FILE.csv; FILE.npz for outputs that are arrays; - prints."
        ),
    ] = "-",
    batch_size: Annotated[
        int | None, typer.Option("--batch-size", min=1, help="Rows that the model gets at once; default: 256.")
    ] = None,
    runs: o.Runs = Path("runs"),
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Answer new rows with a trained run: raw rows in, class names with probabilities or numbers out, as CSV.

    Example: nnrun predict runs/regression --data new.csv --output answers.csv
    """
    from nnrun import prediction
    from nnrun.cli.study import prepared
    from nnrun.runs.index import find
    from nnrun.storage import tables

    console = o.console(quiet=quiet, as_json=as_json)
    options = prepared(as_json=as_json, verbose=False, quiet=quiet, runs=runs)
    path, given = find(runs, run).path, sys.stdin.buffer if data == "-" else Path(data)
    if output.endswith(".npz"):
        found = _arrays(path, given, Path(output), options, batch_size)
    else:
        found = prediction.predict(path, given, options, batch_size=batch_size)
        if output != "-":
            tables.write(Path(output), found.columns, found.blocks)
        elif as_json:
            rows = [dict(zip(found.columns, row, strict=True)) for block in found.blocks for row in block]
            console.json({"rows": rows, "notes": found.notes})
        else:
            tables.write_to(sys.stdout, found.columns, found.blocks)
    for note in found.notes:
        console.say(note)
    if output != "-":
        console.json({"path": output, "rows": found.rows, "notes": found.notes})
        console.result(output)


def _arrays(run: Path, data: Path | IO[bytes], output: Path, options: Any, batch_size: int | None) -> Any:
    from nnrun import prediction
    from nnrun.storage import atomic

    arrays, found = prediction.predict_arrays(run, data, options, batch_size=batch_size)
    atomic.write_npz(output, arrays)
    return found
