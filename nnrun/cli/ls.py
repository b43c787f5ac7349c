"""`nnrun ls`."""

from __future__ import annotations

from pathlib import Path

from nnrun.cli import options as o


def ls(runs: o.Runs = Path("runs"), as_json: o.Json = False) -> None:
    """List the runs, the newest first.

    Example: nnrun ls
    """
    from nnrun.report import tables
    from nnrun.runs import index

    console = o.console(as_json=as_json)
    rows = tables.run_rows(index.list_runs(runs))
    console.json(rows)
    numbers = frozenset(name for row in rows for name, value in row.items() if isinstance(value, int | float))
    console.table(rows, right=numbers)
    if not rows:
        console.say(f"no runs in {runs}; `nnrun train configs/cnn.yaml` makes one")
