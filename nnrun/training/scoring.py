"""The finished model on the parts that it was not trained on: metrics.json and predictions.csv, each part once."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

import numpy as np

from nnrun.config.config import Config
from nnrun.training.job import Job, Outcome
from nnrun.training.material import Material
from nnrun.training.monitors import improves
from nnrun.training.network import Network
from nnrun.training.predictions import Part, write_predictions
from nnrun.training.recorder import Recorder
from nnrun.training.score import floor, score

Array = np.ndarray[Any, Any]


def score_parts(job: Job, material: Material, network: Network) -> Outcome:
    """Scores validation and test, beside what the trivial answer reaches there."""
    answers, facts = material.answers, material.facts
    weights = job.config.compile.loss_weights
    regularization = float(sum(float(loss) for loss in network.model.losses))
    metrics: dict[str, dict[str, float]] = {"train": training_scores(job.recorder, job.config)}
    floors: dict[str, Any] = {}
    predicted: list[Part] = []
    train = material.y(job.split.train)
    for part in ("validation", "test"):
        rows = getattr(job.split, part)
        if not len(rows):
            continue
        outputs = _predict(network, material.x(rows))
        rows = rows[: len(next(iter(outputs.values())))]  # a rehearsal predicts two batches only
        truths = material.y(rows)
        metrics[part] = score(answers, truths, outputs, facts, loss_weights=weights, extra_loss=regularization)
        floors[part] = floor(answers, truths, train, outputs, facts, loss_weights=weights)
        predicted.append((part, rows, truths, outputs))
    job.recorder.data("metrics.json", {"format": 1, **metrics, "floor": floors})
    write_predictions(job.recorder, answers, predicted, job.fold)
    none: Part = ("", np.array([], dtype=np.int64), {}, {})
    _, rows, last_truths, last_outputs = predicted[-1] if predicted else none
    return Outcome(answers, metrics, floors, rows, last_truths, last_outputs, facts)


def _predict(network: Network, x: Any) -> dict[str, Array]:
    raw = network.model.predict(x, batch_size=256, verbose=0)
    if isinstance(raw, Mapping):
        return {name: np.asarray(raw[name]) for name in network.outputs}
    return {next(iter(network.outputs)): np.asarray(raw)}


def training_scores(recorder: Recorder, config: Config) -> dict[str, float]:
    """The training part as `fit` scored it in the epoch whose weights are kept."""
    rows = recorder.rows
    kept = rows[-1] if rows else {}
    watched = [
        str(spec.arguments.get("monitor", "val_loss"))
        for spec in config.fit.callbacks
        if spec.name == "EarlyStopping" and spec.arguments.get("restore_best_weights")
    ]
    for name in ["val_loss"] if config.fit.keep == "best" else watched:
        best = max if improves(name) == "max" else min
        watched_rows = [row for row in rows if name in row]
        if watched_rows:
            kept = best(watched_rows, key=itemgetter(name))
    skipped = ("epoch", "seconds", "learning_rate")
    return {name: value for name, value in kept.items() if name not in skipped and not name.startswith("val_")}
