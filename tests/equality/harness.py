"""Trains each row of a table twice, on one device and on several, and says how far apart the two runs are.

`python harness.py MODULE FOLDER NAME...` is the process that trains; a process has one backend, and its devices are
there before anything computes, so that it trains the whole table. `MODULE` holds `ROWS` and `SEVERAL`, the runtime of
the several devices. It leaves `FOLDER/NAME/one` and `FOLDER/NAME/several`, two run folders, or `error.json`.
"""

from __future__ import annotations

import csv
import importlib
import io
import json
import os
import subprocess
import sys
import traceback
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

ONE: Mapping[str, Any] = {"device": "cpu", "strategy": "one"}
QUIET = "report: {figures: []}\n"

Arrays = dict[str, np.ndarray[Any, Any]]


@dataclass(frozen=True)
class Row:
    """A feature: a config without its runtime, and what of the runtime both trainings share.

    `weights` and `history` are the largest differences that count as equal; where one is wider than usual, `why` says
    it. `one` and `several` are what each training is told beside `ONE` and `SEVERAL`; `verb` is `train` or
    `cross_validate`.
    """

    config: str
    runtime: Mapping[str, Any] = field(default_factory=dict)
    one: Mapping[str, Any] = field(default_factory=dict)
    several: Mapping[str, Any] = field(default_factory=dict)
    verb: str = "train"
    weights: float = 1e-7
    history: float = 1e-6
    why: str = ""
    nightly: bool = False


@dataclass(frozen=True)
class Pair:
    """The two runs of a row."""

    one: Path
    several: Path

    def weights(self) -> float:
        """The largest difference of a variable of the saved models: weights, statistics, the optimizer's moments.

        Of a number beyond 1 it is the share: float32 has seven digits, and the next number behind 1 is 1.2e-7 away.
        """
        return apart(saved(self.one), saved(self.several))

    def history(self) -> float:
        """The largest difference of a number in history.csv, which must have the same columns and epochs."""
        return apart(history(self.one), history(self.several))

    def metrics(self) -> float:
        """The largest difference of a number in metrics.json."""
        return apart(metrics(self.one), metrics(self.several))


def train_table(module: str, folder: Path, names: Sequence[str], timeout: float = 600) -> None:
    """Runs the process that trains so many rows of a table."""
    import commandline

    paths = [str(Path(__file__).parent), str(Path(commandline.__file__).parent)]
    environment = commandline.environment()
    environment["PYTHONPATH"] = os.pathsep.join([environment["PYTHONPATH"], *paths])
    command = [sys.executable, str(Path(__file__)), module, str(folder), *names]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout, check=False)
    assert done.returncode == 0, done.stderr[-4000:]


def pair(folder: Path, name: str) -> Pair:
    """The two runs of a row; raises what the training of one of them has raised."""
    error = folder / name / "error.json"
    if error.exists():
        raise AssertionError("\n".join(json.loads(error.read_text())))
    return Pair(folder / name / "one", folder / name / "several")


def apart(first: Arrays, second: Arrays) -> float:
    """The largest difference of two mappings of arrays of the same names; beyond 1 it is a share of the number."""
    assert first.keys() == second.keys(), sorted(first.keys() ^ second.keys())
    largest = 0.0
    for name, array in first.items():
        assert array.shape == second[name].shape, name
        blank = np.isnan(array)
        assert np.array_equal(blank, np.isnan(second[name])), name
        scale = np.maximum(1.0, np.abs(array))
        largest = max(largest, float((np.abs(array - second[name]) / scale)[~blank].max(initial=0.0)))
    return largest


def saved(run: Path) -> Arrays:
    """Every array in the run's model.keras, those of its folds too."""
    import h5py  # type: ignore[import-untyped]

    found: Arrays = {}
    for path in sorted(run.glob("**/model.keras")):
        with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5")), "r") as file:
            names: list[str] = []
            file.visit(names.append)
            for name in names:
                if isinstance(file[name], h5py.Dataset):
                    found[f"{path.parent.relative_to(run)}/{name}"] = np.asarray(file[name], np.float64)
    assert found, f"{run} has no model.keras"
    return found


def history(run: Path) -> Arrays:
    """The columns of history.csv without the seconds; those of the folds one after another."""
    found: dict[str, list[float]] = {}
    for path in sorted(run.glob("**/history.csv")):
        with path.open(newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                for name in row.keys() - {"seconds"}:
                    found.setdefault(name, []).append(float(row[name] or "nan"))
    assert found, f"{run} has no history.csv"
    return {name: np.array(values) for name, values in found.items()}


def metrics(run: Path) -> Arrays:
    """The numbers in metrics.json by their path."""
    name = "metrics.json" if (run / "metrics.json").exists() else "cv.json"
    return {path: np.array(value) for path, value in _numbers(json.loads((run / name).read_text()))}


def info(run: Path) -> dict[str, Any]:
    """What run.json says."""
    return dict(json.loads((run / "run.json").read_text(encoding="utf-8")))


def _numbers(data: Any, path: str = "") -> Iterator[tuple[str, float]]:
    pairs = data.items() if isinstance(data, Mapping) else enumerate(data) if isinstance(data, list) else ()
    for key, value in pairs:
        if isinstance(value, int | float):
            yield f"{path}/{key}", float(value)
        else:
            yield from _numbers(value, f"{path}/{key}")


def text(row: Row, runtime: Mapping[str, Any]) -> str:
    """The config of one training of a row."""
    return f"{row.config}{QUIET}runtime: {json.dumps({**row.runtime, **runtime})}\n"


def _train(module: str, folder: Path, names: Sequence[str]) -> None:
    """In the process of its own: each row on several devices and on one."""
    table = importlib.import_module(module)
    table.write_data(folder)
    os.chdir(folder)
    warnings.simplefilter("error", category=UserWarning)
    import nnrun

    for name in names:
        row = table.ROWS[name]
        place = folder / name
        place.mkdir()
        try:
            for which, runtime in (
                ("several", {**table.SEVERAL, **row.several}),
                ("one", {**getattr(table, "ONE", ONE), **row.one}),
            ):
                path = folder / f"{name}-{which}.yaml"
                path.write_text(text(row, runtime), encoding="utf-8")
                run = getattr(nnrun, row.verb)(path, runs=place, name="run")
                run.path.rename(place / which)
        except Exception as error:
            lines = [f"{name}: {type(error).__name__}: {error}", *traceback.format_exception(error)[-12:]]
            (place / "error.json").write_text(json.dumps(lines))


if __name__ == "__main__":
    _train(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
