"""How long an epoch takes beside `model.fit(numpy)`: `python tests/benchmarks/epochs.py [NAME ...] --pairs 7`.

Interleaved pairs of whole processes, since in one process the second side would find the memory, the threads and the
compiled programs of the first. Both write the seconds of every epoch, its validation included, into their history.csv.
The first epoch is left out on both sides: it is mostly tracing, which bench.py counts. The median of the paired ratios
of the median epochs is the result. nnrun runs as always, with its history and its snapshots on.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import bench

# A recipe beside the same `train_step`, or the same loop, written by hand.
RECIPES = ("gan", "cyclegan", "diffusion", "distillation", "gradient_tape")
BOUNDS = {"digits_mlp": 0.20, "course_cnn": 0.85, **dict.fromkeys(RECIPES, 1.15)}
MOONSHOTS = {"digits_mlp": 0.10, "course_cnn": 0.70}


@dataclass(frozen=True)
class Comparison:
    """The median epochs of both sides in seconds, pair by pair."""

    name: str
    ours: Sequence[float]
    theirs: Sequence[float]

    @property
    def ratios(self) -> list[float]:
        return [a / b for a, b in zip(self.ours, self.theirs, strict=True)]

    def __str__(self) -> str:
        ours, theirs = (1000 * statistics.median(side) for side in (self.ours, self.theirs))
        moonshot = f", moonshot {MOONSHOTS[self.name]:.2f}" if self.name in MOONSHOTS else ""
        return (
            f"{self.name}, {len(self.ours)} pairs\n"
            f"  epoch ratio {statistics.median(self.ratios):.3f} ({min(self.ratios):.3f} to {max(self.ratios):.3f})"
            f"   {ours:.1f} ms against {theirs:.1f} ms"
            f", bound {BOUNDS[self.name]:.2f}{moonshot}"
        )


def median_epoch(history: Path) -> float:
    """The median seconds of the epochs after the first."""
    with history.open(newline="", encoding="utf-8") as file:
        seconds = [float(row["seconds"]) for row in csv.DictReader(file)]
    if len(seconds) < 2:
        raise SystemExit(f"{history} has {len(seconds)} epochs: at least 2 are needed, since the first is not counted")
    return statistics.median(seconds[1:])


def compare(name: str, pairs: int, epochs: int | None = None) -> Comparison:
    """A B A B ..., each in a fresh folder, after one uncounted pair that fills the caches of files and bytecode."""
    ours: list[float] = []
    theirs: list[float] = []
    for pair in range(pairs + 1):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            bench.run(bench.by_nnrun(name, folder, epochs), folder)
            bench.run(bench.by_hand(name, folder, epochs), folder)
            if pair:
                ours.append(median_epoch(folder / "runs" / name / "history.csv"))
                theirs.append(median_epoch(folder / "history.csv"))
    return Comparison(name, ours, theirs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"{', '.join(BOUNDS)}; default: all that can run here")
    parser.add_argument("--pairs", type=int, default=7, help="how many pairs are counted (default 7)")
    parser.add_argument("--epochs", type=int, help="fewer or more epochs, on both sides")
    options = parser.parse_args()
    there = [name for name in BOUNDS if name in bench.available()]
    for name in options.names:
        if name not in there:
            parser.error(f"{name}: set NNRUN_DATA" if name in BOUNDS else f"there is no benchmark {name!r}")
    for name in options.names or there:
        print(compare(name, options.pairs, options.epochs), flush=True)


if __name__ == "__main__":
    main()
