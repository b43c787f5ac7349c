"""The finished model on the parts that it was not trained on: metrics.json and predictions.csv, each part once."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.training.feeds import validation_batch_size
from nnrun.training.job import Job, Outcome, Part
from nnrun.training.material import Material
from nnrun.training.network import Network
from nnrun.training.predicting import predict
from nnrun.training.predictions import write_predictions
from nnrun.training.recorder import Recorder
from nnrun.training.score import floor, score


def score_parts(job: Job, material: Material, network: Network, kept: int | None) -> Outcome:
    """Scores validation and test, beside what the trivial answer reaches there."""
    answers, facts = material.answers, material.facts
    config = job.config
    how: dict[str, Any] = {"loss_weights": config.compile.loss_weights, "batch_size": validation_batch_size(config)}
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
        outputs = predict(network, material, x, len(rows))
        rows = rows[: len(next(iter(outputs.values())))]  # a rehearsal predicts two batches only
        truths = material.y(rows)
        penalties[part] = framework.penalty(network.model, x)
        extra, own = penalties[part], material.losses
        metrics[part] = score(answers, truths, outputs, facts, **how, extra_loss=extra, graph_losses=own)
        floors[part] = floor(answers, truths, train, outputs, facts, **how)
        predicted.append(Part(part, job.fold, rows, truths, outputs))
    job.recorder.data("metrics.json", {"format": 1, **metrics, "floor": floors, "regularization": penalties})
    write_predictions(
        job.recorder, answers, predicted, material.losses, exact=job.fold is not None
    )  # a study that goes on reads them
    last = predicted[-1] if predicted else None
    return Outcome(answers, metrics, floors, penalties, last, facts, material.losses)


def _training_scores(recorder: Recorder, kept: int | None) -> dict[str, float]:
    """The training part as `fit` scored it in the epoch whose weights are kept: the restored one, else the last."""
    rows = [row for row in recorder.rows if kept is None or row["epoch"] == kept]
    skipped = ("epoch", "seconds", "learning_rate")
    last = rows[-1] if rows else {}
    return {name: value for name, value in last.items() if name not in skipped and not name.startswith("val_")}
