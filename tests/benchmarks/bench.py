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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TASKS = HERE.parent / "tasks"
MEMORY = {"peak": 1.15}
UNITS = {"wall": "s", "cpu": "s", "peak": "MiB"}
PLAIN_IMPORT = "import os; os.environ['KERAS_BACKEND'] = 'tensorflow'; import keras"
LEAN_IMPORT = "from nnrun.model import framework; framework.configure(lean=True); framework.keras()"


@dataclass(frozen=True)
class Benchmark:
    """`nnrun VERB NAME.yaml` against NAME_by_hand.py, and how much of its cost may be ours at most.

    The config lies beside the script, or is that of a task with a published result.
    """

    verb: str = "train"
    needs_data: bool = False
    bounds: Mapping[str, float] = field(default_factory=lambda: MEMORY)
    folder: Path = HERE
    saves_alike: bool = True  # both save the same network, by the same layers, and compiled or not
    options: Sequence[str] = ()  # of the command


BENCHMARKS = {
    "diabetes": Benchmark(),
    "digits": Benchmark(),
    "digits_mlp": Benchmark(),
    "gan": Benchmark(),
    "cyclegan": Benchmark(options=("--data-root", str(ROOT / "configs"))),
    "diffusion": Benchmark(saves_alike=False),
    "distillation": Benchmark(saves_alike=False),
    "gradient_tape": Benchmark(),
    "auto_mpg": Benchmark(needs_data=True),
    "fashion": Benchmark(needs_data=True),
    "course_cnn": Benchmark(needs_data=True),
    "vae_fashion": Benchmark(needs_data=True, saves_alike=False),
    "cv_auto_mpg": Benchmark("cv", needs_data=True, bounds={"wall": 0.15, **MEMORY}),
    "T02": Benchmark(needs_data=True, bounds={"wall": 0.95}, folder=TASKS),
    "T08": Benchmark(needs_data=True, bounds={"wall": 0.8}, folder=TASKS),
    "T11": Benchmark("cv", needs_data=True, bounds={"wall": 0.3}, folder=TASKS),
    "T12": Benchmark("cv", bounds={"wall": 0.3}, folder=TASKS),
}


@dataclass(frozen=True)
class Cost:
    """What a process took: seconds on the clock, seconds of CPU, and the most memory at a time, in MiB."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class Comparison:
    """Two ways to do one thing, measured in pairs."""

    name: str
    ours: Sequence[Cost]
    theirs: Sequence[Cost]
    bounds: Mapping[str, float] = field(default_factory=dict)

    def ratios(self, measure: str) -> list[float]:
        return [getattr(a, measure) / getattr(b, measure) for a, b in zip(self.ours, self.theirs, strict=True)]

    def __str__(self) -> str:
        lines = [f"{self.name}, {len(self.ours)} pairs"]
        for measure, unit in UNITS.items():
            ratios = self.ratios(measure)
            ours, theirs = (
                statistics.median(getattr(cost, measure) for cost in side) for side in (self.ours, self.theirs)
            )
            bound = f", bound {self.bounds[measure]:.2f}" if measure in self.bounds else ""
            lines.append(
                f"  {measure:4}  ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
                f"   {ours:.2f} {unit} against {theirs:.2f} {unit}{bound}"
            )
        return "\n".join(lines)


def available() -> list[str]:
    """The benchmarks that can run here."""
    return [name for name, one in BENCHMARKS.items() if not one.needs_data or os.environ.get("NNRUN_DATA")]


def by_nnrun(name: str, folder: Path, epochs: int | None = None) -> list[str]:
    """The command that carries a benchmark out with nnrun; the run is `folder/runs/NAME`."""
    chosen = [] if epochs is None else ["-s", f"fit.epochs={epochs}"]
    return [
        *nnrun(),
        BENCHMARKS[name].verb,
        str(BENCHMARKS[name].folder / f"{name}.yaml"),
        "--runs",
        str(folder / "runs"),
        *BENCHMARKS[name].options,
        *chosen,
    ]


def by_hand(name: str, folder: Path, epochs: int | None = None) -> list[str]:
    """The command that carries it out with the hand-written script, into `folder`."""
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
    # Linux counts a peak in KiB, macOS in bytes; it is never less than what this small process held when it forked.
    peak = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak)


def compare(
    name: str,
    ours: Callable[[Path], Sequence[str]],
    theirs: Callable[[Path], Sequence[str]],
    pairs: int,
    bounds: Mapping[str, float],
) -> Comparison:
    """A B A B ..., each in a fresh folder, after one uncounted pair that fills the caches of files and bytecode."""
    costs: tuple[list[Cost], list[Cost]] = ([], [])
    for pair in range(pairs + 1):
        for side, command in zip(costs, (ours, theirs), strict=True):
            with tempfile.TemporaryDirectory() as folder:
                cost = run(command(Path(folder)), Path(folder))
            if pair:
                side.append(cost)
    return Comparison(name, *costs, bounds)


def benchmark(name: str, pairs: int, epochs: int | None = None) -> Comparison:
    """nnrun against the hand-written script."""
    return compare(
        name,
        lambda folder: by_nnrun(name, folder, epochs),
        lambda folder: by_hand(name, folder, epochs),
        pairs,
        BENCHMARKS[name].bounds,
    )


def keras_import(pairs: int) -> Comparison:
    """`import keras` as nnrun's command line does it against the plain import."""
    return compare(
        "import keras",
        lambda folder: [sys.executable, "-c", LEAN_IMPORT],
        lambda folder: [sys.executable, "-c", PLAIN_IMPORT],
        pairs,
        {"cpu": 0.70},
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
    parser.add_argument("names", nargs="*", help=f"{', '.join(BENCHMARKS)}, startup; default: all that can run here")
    parser.add_argument("--pairs", type=int, default=7, help="how many pairs are counted (default 7)")
    parser.add_argument("--epochs", type=int, help="fewer or more epochs, on both sides")
    options = parser.parse_args()
    for name in options.names:
        if name not in {*available(), "startup"}:
            parser.error(f"{name}: set NNRUN_DATA" if name in BENCHMARKS else f"there is no benchmark {name!r}")
    for name in options.names or ["startup", *available()]:
        if name == "startup":
            print("\n".join(startups(options.pairs)), flush=True)
            print(keras_import(options.pairs), flush=True)
        else:
            print(benchmark(name, options.pairs, options.epochs), flush=True)


if __name__ == "__main__":
    main()
