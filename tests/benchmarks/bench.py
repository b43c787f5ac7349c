"""How long nnrun takes beside the same work written by hand: `python tests/benchmarks/bench.py [NAME ...] --pairs 7`.

Whole processes, in interleaved pairs, so that whatever else the machine does weighs on both sides; the median of the
paired ratios is the result. Run it from anywhere; the benchmarks that read files want NNRUN_DATA.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NEEDS_DATA = {"diabetes": False, "digits": False, "auto_mpg": True, "fashion": True}
PLAIN_IMPORT = "import os; os.environ['KERAS_BACKEND'] = 'tensorflow'; import keras"
LEAN_IMPORT = "from nnrun.model import framework; framework.configure(lean=True); framework.keras()"


@dataclass(frozen=True)
class Cost:
    """What a process took: seconds on the clock, and seconds of CPU of it and its children."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Comparison:
    """Two ways to do one thing, measured in pairs."""

    name: str
    ours: Sequence[Cost]
    theirs: Sequence[Cost]

    def ratios(self, measure: str) -> list[float]:
        return [getattr(a, measure) / getattr(b, measure) for a, b in zip(self.ours, self.theirs, strict=True)]

    def __str__(self) -> str:
        lines = [f"{self.name}, {len(self.ours)} pairs"]
        for measure in ("wall", "cpu"):
            ratios = self.ratios(measure)
            ours, theirs = (
                statistics.median(getattr(cost, measure) for cost in side) for side in (self.ours, self.theirs)
            )
            lines.append(
                f"  {measure:4}  ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
                f"   {ours:.2f} s against {theirs:.2f} s"
            )
        return "\n".join(lines)


def available() -> list[str]:
    """The benchmarks that can run here."""
    return [name for name, needs_data in NEEDS_DATA.items() if not needs_data or os.environ.get("NNRUN_DATA")]


def by_nnrun(name: str, folder: Path, epochs: int | None = None) -> list[str]:
    """The command that trains a benchmark with nnrun; the run is `folder/runs/NAME`."""
    chosen = [] if epochs is None else ["-s", f"fit.epochs={epochs}"]
    return [*nnrun(), "train", str(HERE / f"{name}.yaml"), "--runs", str(folder / "runs"), *chosen]


def by_hand(name: str, folder: Path, epochs: int | None = None) -> list[str]:
    """The command that trains it with the hand-written script, into `folder`."""
    chosen = [] if epochs is None else ["--epochs", str(epochs)]
    return [sys.executable, str(HERE / f"{name}_by_hand.py"), str(folder), *chosen]


def nnrun() -> list[str]:
    return [sys.executable, "-m", "nnrun"]


def run(command: Sequence[str], folder: Path) -> Cost:
    """Runs a command in `folder` to its end; what it prints goes to a file there, and is shown if it fails."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    with (folder / "output.txt").open("w") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output, env={**os.environ, "PYTHONPATH": path}
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{(folder / 'output.txt').read_text()}")
    return Cost(wall, usage.ru_utime + usage.ru_stime)


def compare(
    name: str, ours: Callable[[Path], Sequence[str]], theirs: Callable[[Path], Sequence[str]], pairs: int
) -> Comparison:
    """A B A B ..., each in a fresh folder, after one uncounted pair that fills the caches of files and bytecode."""
    costs: tuple[list[Cost], list[Cost]] = ([], [])
    for pair in range(pairs + 1):
        for side, command in zip(costs, (ours, theirs), strict=True):
            with tempfile.TemporaryDirectory() as folder:
                cost = run(command(Path(folder)), Path(folder))
            if pair:
                side.append(cost)
    return Comparison(name, *costs)


def benchmark(name: str, pairs: int, epochs: int | None = None) -> Comparison:
    """nnrun against the hand-written script."""
    return compare(
        name, lambda folder: by_nnrun(name, folder, epochs), lambda folder: by_hand(name, folder, epochs), pairs
    )


def keras_import(pairs: int) -> Comparison:
    """`import keras` as nnrun's command line does it against the plain import."""
    return compare(
        "import keras",
        lambda folder: [sys.executable, "-c", LEAN_IMPORT],
        lambda folder: [sys.executable, "-c", PLAIN_IMPORT],
        pairs,
    )


def startup(name: str, arguments: Sequence[str], times: int) -> str:
    """The CPU seconds of a command that trains nothing."""
    with tempfile.TemporaryDirectory() as folder:
        costs = [run([*nnrun(), *arguments], Path(folder)).cpu for _ in range(times + 1)][1:]
    return f"{name}: {statistics.median(costs):.2f} s of CPU ({min(costs):.2f} to {max(costs):.2f})"


def startups(times: int) -> list[str]:
    """The commands that a person waits for without training."""
    return [
        startup("nnrun --help (bound 0.30)", ["--help"], times),
        startup("nnrun check of 15 layers (bound 0.50)", ["check", str(HERE / "fifteen_layers.yaml")], times),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"{', '.join(NEEDS_DATA)}, startup; default: all that can run here")
    parser.add_argument("--pairs", type=int, default=7, help="how many pairs are counted (default 7)")
    parser.add_argument("--epochs", type=int, help="fewer or more epochs, on both sides")
    options = parser.parse_args()
    for name in options.names:
        if name not in {*available(), "startup"}:
            parser.error(f"{name}: set NNRUN_DATA" if name in NEEDS_DATA else f"there is no benchmark {name!r}")
    for name in options.names or ["startup", *available()]:
        if name == "startup":
            print("\n".join(startups(options.pairs)), flush=True)
            print(f"{keras_import(options.pairs)}\n  bound 0.70 of the CPU", flush=True)
        else:
            print(benchmark(name, options.pairs, options.epochs), flush=True)


if __name__ == "__main__":
    main()
