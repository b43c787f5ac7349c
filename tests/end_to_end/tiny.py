"""The smallest experiment that has everything: a table of sixty rows, three classes, and a config for it."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

COLUMNS = ("height", "weight", "colour", "family", "kind")
CONFIG = """\
data:
  source: {csv: table.csv}
  target: kind
  features: [{normalize: [height, weight]}, {one_hot: colour}]
  split: {validation: 0.2, test: 0.2}
model:
  layers: [{Dense: {units: 4, activation: relu}}]
fit: {epochs: 3, batch_size: 8}
"""

Row = list[Any]


def rows(count: int = 60) -> list[Row]:
    """Twenty rows of each kind; four neighbours are a family."""
    return [
        [100 + 7 * (i * i % 13), 20 + 10 * (i % 3) + i % 5, ("red", "blue")[i % 2], i // 4, "abc"[i % 3]]
        for i in range(count)
    ]


def write(folder: Path, config: str = CONFIG, table: Sequence[Row] | None = None) -> Path:
    """Writes `tiny.yaml` and `table.csv`; gives the config's path."""
    with (folder / "table.csv").open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows() if table is None else table)
    path = folder / "tiny.yaml"
    path.write_text(config)
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def history(run: Path) -> list[dict[str, str]]:
    """history.csv without the seconds, which no seed can repeat."""
    return [{key: value for key, value in row.items() if key != "seconds"} for row in read_csv(run / "history.csv")]
