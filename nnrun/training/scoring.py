"""The finished model on the parts that it was not trained on: metrics.json and predictions.csv, each part once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnrun.model import framework
from nnrun.training.job import Job, Outcome, Part
from nnrun.training.material import Material
from nnrun.training.network import Network
from nnrun.training.pipeline import take
from nnrun.training.predictions import write_predictions
from nnrun.training.recorder import Recorder
from nnrun.training.score import floor, score
from nnrun.training.windows import Windows

Array = np.ndarray[Any, Any]

BATCH = 256  # rows that are predicted at once


def score_parts(job: Job, material: Material, network: Network, kept: int | None) -> Outcome:
    """Scores validation and test, beside what the trivial answer reaches there."""
    answers, facts = material.answers, material.facts
    weights = job.config.compile.loss_weights
    penalties: dict[str, float] = {}
    metrics: dict[str, dict[str, float]] = {"train": _training_scores(job.recorder, kept)}
    floors: dict[str, Any] = {}
    predicted: list[Part] = []
    train = material.y(job.split.train)
    for part in ("validation", "test"):
        rows = getattr(job.split, part)
        if not len(rows):
            continue
        x = material.x(rows)
        outputs = _predict(network, x) if not material.streams else _predict_stream(network, x, len(rows))
        rows = rows[: len(next(iter(outputs.values())))]  # a rehearsal predicts two batches only
        truths = material.y(rows)
        penalties[part] = framework.penalty(network.model, x)
        metrics[part] = score(answers, truths, outputs, facts, loss_weights=weights, extra_loss=penalties[part])
        floors[part] = floor(answers, truths, train, outputs, facts, loss_weights=weights)
        predicted.append(Part(part, job.fold, rows, truths, outputs))
    job.recorder.data("metrics.json", {"format": 1, **metrics, "floor": floors, "regularization": penalties})
    write_predictions(job.recorder, answers, predicted, exact=job.fold is not None)  # a study that goes on reads them
    return Outcome(answers, metrics, floors, penalties, predicted[-1] if predicted else None, facts)


def _predict_stream(network: Network, x: Any, size: int) -> dict[str, Array]:
    """As `_predict`, a window of batches after the other."""
    windows = Windows((x,), np.arange(size), batch_size=BATCH, to_tensors=lambda arrays: arrays)
    found = []
    try:
        for first in range(0, windows.steps, windows.most_steps):
            window = windows.window(first, min(windows.most_steps, windows.steps - first))
            rows = window.order[window.first * BATCH : window.last * BATCH]
            found.append(_predict(network, take(window.tensors[0], rows)))
            if framework.is_smoke():  # a rehearsal predicts two batches only
                break
    finally:
        windows.close()
    return {name: np.concatenate([part[name] for part in found]) for name in found[0]}


def _predict(network: Network, x: Any) -> dict[str, Array]:
    raw = network.model.predict(x, batch_size=BATCH, verbose=0)
    if isinstance(raw, Mapping):
        return {name: np.asarray(raw[name]) for name in network.outputs}
    return {next(iter(network.outputs)): np.asarray(raw)}


def _training_scores(recorder: Recorder, kept: int | None) -> dict[str, float]:
    """The training part as `fit` scored it in the epoch whose weights are kept: the restored one, else the last."""
    rows = [row for row in recorder.rows if kept is None or row["epoch"] == kept]
    skipped = ("epoch", "seconds", "learning_rate")
    last = rows[-1] if rows else {}
    return {name: value for name, value in last.items() if name not in skipped and not name.startswith("val_")}
