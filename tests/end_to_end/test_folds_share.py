"""Folds share one compiled program, and nothing of one fold is in the next."""

from __future__ import annotations

import csv
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import one_fold
import pytest
from commandline import Nnrun, environment
from one_fold import alone, final_variables

from nnrun import experiment
from nnrun.experiment import Options
from nnrun.studies.plan import plan

CONFIG = """\
data:
  source: {csv: table.csv}
  target: kind
  features: [{normalize: [height, weight]}, {one_hot: colour}]
  split: {test: 0}
  augment: [{GaussianNoise: 0.2}]
model:
  layers:
    - Dense: {units: 6, activation: relu}
    - BatchNormalization
    - Dropout: 0.3
compile: {optimizer: {Adam: 0.01}}
fit: {epochs: 3, batch_size: 8}
cv: {folds: 3, strategy: random}
report: {figures: []}
"""
VOCABULARY = """\
data:
  source: {csv: table.csv}
  target: kind
  features:
    numbers: {normalize: [height, weight]}
    colour: {index: colour}
  split: {test: 0}
model:
  layers:
    - Embedding: {input_dim: $data.colour.vocabulary_size, output_dim: 2, from: colour, name: looked_up}
    - Concatenate: {from: [numbers, looked_up]}
    - Dense: 4
fit: {epochs: 2, batch_size: 8}
cv: {folds: 3, strategy: random}
report: {figures: []}
"""
ROWS = 47  # folds of 16, 16 and 15 rows: 31, 31 and 32 are trained on
BACKENDS = ["tensorflow", pytest.param("jax", marks=pytest.mark.nightly)]


def write(folder: Path, config: str = CONFIG, change: Callable[[int, list[Any]], list[Any]] | None = None) -> Path:
    """The config and its table; `change` has the last word about a row."""
    numbers = np.random.default_rng(4)
    with (folder / "table.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["height", "weight", "colour", "kind"])
        for index in range(ROWS):
            kind = index % 3
            height, weight = numbers.normal(kind, 1, 2)
            row = [f"{height:.4f}", f"{weight:.4f}", ("red", "blue")[index % 2], "abc"[kind]]
            writer.writerow(row if change is None else change(index, row))
    path = folder / "folds.yaml"
    path.write_text(config)
    return path


def held_out(path: Path, number: int) -> set[int]:
    """The rows of a fold, which a random strategy draws without a look at the values."""
    config = experiment.load(path, cross_validation=True)
    return set(plan(config, experiment.read_data(config, Options())).splits[number - 1].test.tolist())


def traces(run: Path) -> list[int]:
    return [json.loads((run / f"fold-{n}" / "run.json").read_text())["traces"] for n in (1, 2, 3)]


def process(*arguments: str | Path) -> str:
    """The last line that `one_fold.py` printed."""
    path = {"PYTHONPATH": environment()["PYTHONPATH"]}
    command = [sys.executable, one_fold.__file__, *map(str, arguments)]
    done = subprocess.run(command, env={**environment(), **path}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("backend", BACKENDS)
def test_folds_share_nothing_that_moves_a_bit(backend: str, nnrun_process: Nnrun, folder: Path) -> None:
    """The third fold alone in a process of its own has the same variables; one program for all is compiled."""
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed: pip install 'nnrun[{backend}]'")
    config = write(folder, CONFIG + f"runtime: {{backend: {backend}}}\n")
    together = nnrun_process("cv", config, "-q")
    assert together.code == 0, together.err
    single = Path(process("alone", config, folder / "runs", "3"))
    found = final_variables(together.run / "fold-3")
    assert found == final_variables(single)
    assert len({str(final_variables(together.run / f"fold-{number}")) for number in (1, 2, 3)}) == 3
    # On JAX one for each size of the last batch, of which there are 31 % 8 and 32 % 8, 16 % 8 and 15 % 8.
    assert traces(together.run) == ([2, 2, 2] if backend == "tensorflow" else [2, 2, 4])


def test_folds_carry_the_statistics_of_their_own_rows(nnrun: Nnrun, folder: Path) -> None:
    """The first fold holds out rows of another scale: it alone is trained without them."""
    path = write(folder)
    far = held_out(path, 1)
    path = write(folder, change=lambda i, row: [1000 * float(row[0]) + 500, *row[1:]] if i in far else row)
    assert held_out(path, 1) == far
    together = nnrun("cv", path, "-q")
    assert together.code == 0, together.err
    with (folder / "table.csv").open(newline="") as stream:
        heights = np.array([float(row["height"]) for row in csv.DictReader(stream)])
    means = []
    for number in (1, 2, 3):
        run = together.run / f"fold-{number}"
        with np.load(run / "splits.npz") as parts, np.load(run / "preparation" / "preparation.npz") as stored:
            own = heights[parts["train"]]
            assert stored["table/0/1/mean"][0] == pytest.approx(own.mean(), rel=1e-12)
            assert stored["table/0/1/deviation"][0] == pytest.approx(own.std(), rel=1e-12)
            means.append(own.mean())
        single = alone(path, folder / "alone", number)
        assert final_variables(run) == final_variables(single.path)
        assert (run / "predictions.csv").read_bytes() == (single.path / "predictions.csv").read_bytes()
    assert abs(means[0]) < 3 < 100 < min(means[1], means[2])


def test_folds_of_other_programs_share_none(nnrun: Nnrun, folder: Path) -> None:
    """A colour that only the second fold holds out is in the vocabulary of the others."""
    path = write(folder, VOCABULARY)
    rare = held_out(path, 2)
    path = write(folder, VOCABULARY, lambda i, row: [*row[:2], "green", row[3]] if i in rare and i % 2 else row)
    together = nnrun("cv", path, "-q")
    assert together.code == 0, together.err
    sizes = []
    for number in (1, 2, 3):
        found = final_variables(together.run / f"fold-{number}")
        assert found == final_variables(alone(path, folder / "alone", number).path)
        [embedding] = [value for name, value in found.items() if name.endswith("/looked_up/embeddings")]
        sizes.append(len(bytes.fromhex(embedding.split()[1])) // 4 // 2)  # float32, two numbers a word
    assert sizes == [4, 3, 4]  # red, blue, green, and what is not known


@pytest.mark.nightly
def test_folds_hold_no_memory(folder: Path) -> None:
    """Between the tenth and the thirtieth fold: a network kept for each would be some 5 MB a fold, so 100."""
    if not Path("/proc/self/status").exists():
        pytest.skip("the memory of a process is read from /proc, which this system has not")
    config = write(folder, CONFIG.replace("folds: 3", "folds: 30"))
    held = json.loads(process("memory", config, folder / "runs"))
    assert len(held) == 30
    assert held[-1] - held[9] < 20
