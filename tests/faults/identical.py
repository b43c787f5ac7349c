"""What a run came to, in a form in which two runs can be compared bit for bit."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nnrun.runs.run import runs_in
from nnrun.storage import snapshots

WHOLE = ("metrics.json", "predictions.csv", "steps.csv", "cv.json", "cv.csv")

Result = Mapping[str, str]


def result(run: Path) -> Result:
    """A digest of everything that must be the same in a run that was never interrupted; folds included."""
    found = {"status": str(json.loads((run / "run.json").read_text()).get("status"))}
    for name in WHOLE:
        if (run / name).exists():
            found[name] = _digest((run / name).read_bytes())
    if (run / "history.csv").exists():
        found["history.csv"] = _digest(_without_seconds(run / "history.csv").encode())
    for name in ("predictions.npz", "samples.npz"):
        if (run / name).exists():
            with np.load(run / name) as arrays:
                found |= {f"{name}: {key}": _array(arrays[key]) for key in arrays.files}
    for path in sorted(run.glob("*.keras")):
        found |= {f"{path.name}: {name}": _array(weights) for name, weights in _weights(path)}
    found |= dict(_newest_snapshot(run))
    for child in runs_in(run):
        found |= {f"{child.name}/{name}": digest for name, digest in result(child.path).items()}
    return found


def differences(expected: Result, found: Result) -> list[str]:
    """The names in which two results differ."""
    return sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))


def _without_seconds(path: Path) -> str:
    with path.open(newline="", encoding="utf-8") as stream:
        rows = [{key: value for key, value in row.items() if key != "seconds"} for row in csv.DictReader(stream)]
    return json.dumps(rows)


def _weights(model: Path) -> Iterator[tuple[str, Any]]:
    import h5py  # type: ignore[import-untyped]

    with zipfile.ZipFile(model) as archive:
        file = h5py.File(io.BytesIO(archive.read("model.weights.h5")), "r")
    names: list[str] = []
    file.visit(names.append)
    for name in names:
        if isinstance(file[name], h5py.Dataset):
            yield name, np.asarray(file[name])
    file.close()


def _newest_snapshot(run: Path) -> Iterator[tuple[str, str]]:
    newest = snapshots.newest(run / "snapshots")
    if newest is None:
        return
    for file in sorted(newest.path.glob("*.npz")):
        for name, array in newest.arrays(file.stem).items():
            yield f"snapshot: {file.stem}: {name}", _array(array)
    state = newest.data("state")
    yield "snapshot: state", json.dumps([state[key] for key in ("epoch", "step", "stopped", "callbacks")])


def _array(array: np.ndarray[Any, Any]) -> str:
    return f"{array.dtype} {array.shape} {_digest(np.ascontiguousarray(array).tobytes())}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
