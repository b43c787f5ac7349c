"""How the cost grows with the rows and with the folds: `python tests/benchmarks/sizes.py [--write]`.

Made tables of 20 columns, two hidden layers of 64. A table of rows and a table of folds are printed as Markdown, and
put into docs/performance.md with --write. 1.00 in `against linear` is a cost that grows as the size does.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import re
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bench
import epochs
import numpy as np

PAGE = bench.ROOT / "docs" / "performance.md"
GENERATED = re.compile(r"(?<=<!-- generated: sizes -->\n).*?(?=<!-- end -->)", re.S)
ROWS = (1_000, 10_000, 100_000, 1_000_000)
BATCH_SIZES = (32, 256)
FOLDS = (2, 5, 10, 20, 50)
FOLD_ROWS = 1_000  # that each fold trains on
COLUMNS = 20
CONFIG = """
data:
  source: {{npz: made.npz}}
  split: {{validation: {validation}}}
model:
  layers:
    - Dense: {{units: 64, activation: relu, repeat: 2}}
compile:
  optimizer: {{Adam: {{learning_rate: 1e-3}}}}
fit:
  epochs: {epochs}
  batch_size: {batch_size}
"""


def by_rows(sizes: Sequence[int], batch_sizes: Sequence[int], times: int, most: int) -> list[list[str]]:
    """A line for each batch size and number of training rows; a tenth as many rows validate."""
    lines = []
    for batch_size in batch_sizes:
        before = None
        for rows in sizes:
            number = min(most, max(4, 30_000 // rows))
            found = [_train(rows, batch_size, number) for _ in range(times)]
            seconds = statistics.median(epoch for epoch, _ in found)
            growth = "" if before is None else f"{seconds / before[1] / (rows / before[0]):.2f}"
            whole = [f"{statistics.median(getattr(cost, of) for _, cost in found):,.0f}" for of in ("wall", "peak")]
            own = [f"{1000 * seconds:,.1f}", f"{1e6 * seconds / rows:.2f}"]
            lines.append([f"{batch_size}", f"{rows:,}", *own, growth, *whole])
            before = rows, seconds
    return lines


def by_folds(counts: Sequence[int], times: int, most: int) -> list[list[str]]:
    """A line for each number of folds; whatever it is, a fold trains on as many rows."""
    lines: list[list[str]] = []
    before: tuple[int, float, float | None] | None = None
    for folds in counts:
        found = [_cross_validate(folds, min(most, 20)) for _ in range(times)]
        wall = statistics.median(cost.wall for _, cost in found)
        first, later = (statistics.median(seconds[place] for seconds, _ in found) for place in (0, 1))
        each = None if before is None else (wall - before[1]) / (folds - before[0])
        growth = each / before[2] if each is not None and before is not None and before[2] is not None else None
        told = ["" if value is None else f"{value:.2f}" for value in (first, later, each, growth)]
        lines.append([f"{folds}", f"{wall:.1f}", *told, f"{statistics.median(cost.peak for _, cost in found):,.0f}"])
        before = folds, wall, each
    return lines


def report(rows: list[list[str]], folds: list[list[str]]) -> str:
    """Both tables, with what they were measured on."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("tensorflow", "keras", "numpy"))
    told = f"{os.cpu_count()} CPU cores, {platform.system()}, Python {platform.python_version()}, {versions}."
    of_rows = ["batch", "rows", "ms an epoch", "µs a row", "against linear", "whole run, s", "peak, MiB"]
    of_folds = ["folds", "whole run, s", "first fold, s", "second fold, s"]
    of_folds += ["a further fold adds, s", "against linear", "peak, MiB"]
    return f"{told}\n\n{_table(of_rows, rows)}\n{_table(of_folds, folds)}"


def write(text: str, page: Path = PAGE) -> None:
    """Puts the report into its place on the page."""
    fresh, found = GENERATED.subn(lambda _: text, page.read_text(encoding="utf-8"))
    if found != 1:
        raise SystemExit(f"{page} has {found} places `<!-- generated: sizes -->` ... `<!-- end -->`, expected 1")
    page.write_text(fresh, encoding="utf-8")


def _train(rows: int, batch_size: int, number: int) -> tuple[float, bench.Cost]:
    """The median seconds of an epoch, and what the process took."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _make(folder, rows + rows // 10, validation=rows // 10, epochs=number, batch_size=batch_size)
        cost = bench.run([*bench.nnrun(), "train", "made.yaml"], folder)
        return epochs.median_epoch(folder / "runs" / "made" / "history.csv"), cost


def _cross_validate(folds: int, number: int) -> tuple[tuple[float, float], bench.Cost]:
    """The seconds of the first and the second fold, and what the process took."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _make(folder, round(FOLD_ROWS * folds / (folds - 1)), validation=0, epochs=number, batch_size=32)
        cost = bench.run([*bench.nnrun(), "cv", "made.yaml", "--folds", str(folds)], folder)
        runs = [folder / "runs" / "made" / f"fold-{fold}" / "run.json" for fold in (1, 2)]
        first, second = (float(json.loads(run.read_text(encoding="utf-8"))["seconds"]) for run in runs)
        return (first, second), cost


def _make(folder: Path, rows: int, **settings: Any) -> None:
    """A table of which the target can be learned, and its config."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(rows, COLUMNS)).astype("float32")
    y = (np.sin(x[:, 0]) + x[:, 1] * x[:, 2] + 0.1 * draw.normal(size=rows)).astype("float32")
    np.savez(folder / "made.npz", x=x, y=y)
    (folder / "made.yaml").write_text(CONFIG.format(**settings), encoding="utf-8")


def _table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (header, ["---:"] * len(header), *lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS, help="training rows (default 1,000 to 1,000,000)")
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=BATCH_SIZES, help="(default 32 and 256)")
    parser.add_argument("--folds", type=int, nargs="+", default=FOLDS, help="numbers of folds (default 2 to 50)")
    parser.add_argument(
        "--times", type=int, default=3, help="runs of each size, of which the median counts (default 3)"
    )
    parser.add_argument("--epochs", type=int, default=30, help="epochs of a run at most (default 30)")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    options = parser.parse_args()
    rows = by_rows(options.rows, options.batch_sizes, options.times, options.epochs)
    text = report(rows, by_folds(options.folds, options.times, options.epochs))
    print(text, end="")
    if options.write:
        write(text)


if __name__ == "__main__":
    main()
