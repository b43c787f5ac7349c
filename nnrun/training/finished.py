"""The outcome of a training that is complete, from its folder: a study that goes on does not train it again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from nnrun.errors import RunError
from nnrun.runs.run import Run, place
from nnrun.storage import arrays
from nnrun.training import threshold
from nnrun.training.job import Job, Outcome, Part
from nnrun.training.material import material
from nnrun.training.predictions import MASK, SAID
from nnrun.training.sequences import sequences

PARTS: tuple[str, ...] = ("train", "validation", "test")


def read_outcome(job: Job, path: Path) -> Outcome:
    """What `train` gave for this job when it was carried out in the run folder `path`."""
    told, data, part = Run(path).metrics, material(job), "test"
    try:
        stored = arrays.read(path / "predictions.npz")
        outputs = {name: stored[f"{part}/{job.fold}/{name}"] for name in (*data.outputs, *data.losses)}
        keys = {name: f"{part}/{job.fold}/{name}{MASK}" for name in data.outputs}
        masks = {name: stored[key] for name, key in keys.items() if key in stored}
        metrics = {name: _numbers(told[name]) for name in PARTS if name in told}
        floors = {name: {how: _numbers(values) for how, values in of.items()} for name, of in told["floor"].items()}
        penalties = _numbers(told["regularization"])
        thresholds = threshold.saved(told)
    except (OSError, KeyError, ValueError, BadZipFile) as error:
        raise RunError(
            f"{place(path)} is complete, and its metrics.json or predictions.npz cannot be read: {error}",
            hint=f"remove the folder {place(path)}, and it is trained again",
        ) from None
    rows = job.split.test[: len(next(iter(outputs.values())))]
    truths = data.y(rows)
    whole = {
        name: one.compared(stored[key], truths[name])
        for name, one in sequences(job.config, data).items()
        if (key := f"{part}/{job.fold}/{name}{SAID}") in stored
    }
    last = Part(part, job.fold, rows, truths, outputs, thresholds, masks, whole)
    return Outcome(data.answers, metrics, floors, penalties, last, data.facts, data.losses)


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    """JSON has no NaN; it was written as null."""
    return {name: float("nan") if value is None else float(value) for name, value in values.items()}
