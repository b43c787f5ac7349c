"""The finished model on the parts that it was not trained on: metrics.json and predictions.csv, each part once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.model import framework
from nnrun.training import anomalies, filling, judging, threshold
from nnrun.training.answers import Answer
from nnrun.training.feeds import validation_batch_size
from nnrun.training.floors import Informed
from nnrun.training.job import Job, Outcome, Part
from nnrun.training.material import Material
from nnrun.training.network import Network
from nnrun.training.predicting import at_once, masks, predict
from nnrun.training.predictions import write_predictions
from nnrun.training.recorder import Recorder
from nnrun.training.score import floor, score
from nnrun.training.sequences import compared, scores
from nnrun.training.units import in_learned_unit, units


def score_parts(job: Job, material: Material, network: Network, kept: int | None) -> Outcome:
    """Scores validation and test, beside what simpler answers reach there."""
    if network.made:
        return _of_turns(job, material, network, kept)
    answers, facts = material.answers, material.facts
    config = job.config
    how: dict[str, Any] = {"loss_weights": config.compile.loss_weights, "batch_size": validation_batch_size(config)}
    penalties: dict[str, float] = {}
    trained = _training_scores(job.recorder, kept)
    several = material.is_several
    metrics: dict[str, dict[str, float]] = {
        "train": {name: value for name, value in trained.items() if not in_learned_unit(name, answers, several)}
    }
    floors: dict[str, Any] = {}
    predicted: list[Part] = []
    thresholds = threshold.written(config, answers)
    hidden = masks(network, material, job.split.train)
    seen = len(next(iter(hidden.values()))) if hidden else None  # a rehearsal predicts two batches only
    train = material.y(job.split.train[:seen])
    informed = Informed(job.dataset, material, job.split.train)
    for part in ("validation", "test"):
        rows = getattr(job.split, part)
        if not len(rows):
            continue
        x = material.x(rows)
        outputs = predict(network, material, x, len(rows), at_once(config))
        rows = rows[: len(next(iter(outputs.values())))]  # a rehearsal predicts two batches only
        truths = material.y(rows)
        how["masks"] = masks(network, material, rows)
        penalties[part] = framework.penalty(network.model, x)
        if part == "validation":
            thresholds |= threshold.chosen(config, answers, truths, outputs)
        by = {name: found.value for name, found in thresholds.items()}
        extra, own = penalties[part], material.losses
        metrics[part] = score(answers, truths, outputs, facts, **how, extra_loss=extra, graph_losses=own, thresholds=by)
        said = compared(config, network, material, rows, truths, outputs)
        metrics[part] |= scores(said, several=several)
        said |= filling.compared(material, rows, truths, outputs)
        floors[part] = floor(answers, truths, train, outputs, facts, train_masks=hidden, **how)
        floors[part] |= {
            name: score(answers, truths, {**outputs, **found}, facts, **how)
            for name, found in informed(rows, outputs).items()
        }
        predicted.append(Part(part, job.fold, rows, truths, outputs, by, how["masks"], said))
    judged = anomalies.judge(job, material, network, predicted)
    for name, known in (judged.scores if judged else {}).items():
        metrics[name] |= known
    told = {name: found.to_data() for name, found in thresholds.items()}
    _tell_thresholds(job, answers, thresholds)
    job.recorder.data(
        "metrics.json",
        {
            "format": 1,
            **metrics,
            "floor": floors,
            "regularization": penalties,
            **({"threshold": told} if told else {}),
            **({"anomaly": judged.told} if judged else {}),
            **units(answers),
        },
    )
    write_predictions(
        job.recorder, answers, predicted, material.losses, exact=job.fold is not None
    )  # a study that goes on reads them
    last = predicted[-1] if predicted else None
    return Outcome(answers, metrics, floors, penalties, last, facts, material.losses)


def _of_turns(job: Job, material: Material, network: Network, kept: int | None) -> Outcome:
    """What the networks of a recipe reached in the epoch that is kept: there is no answer to score."""
    metrics = {"train": _training_scores(job.recorder, kept)}
    judged = judging.judged(job, material, network)
    job.recorder.data("metrics.json", {"format": 1, **metrics, **judged, "floor": {}, "regularization": {}})
    return Outcome({}, metrics, {}, {}, None, material.facts)


def _tell_thresholds(job: Job, answers: Mapping[str, Answer], thresholds: Mapping[str, threshold.Threshold]) -> None:
    """For run.json, and for the person who watches."""
    if not thresholds:
        return
    job.recorder.tell(threshold={name: found.to_data() for name, found in thresholds.items()})
    for name, found in thresholds.items():
        if found.chosen:
            classes = answers[name].target.classes
            yes, rows = classes[1] if len(classes) == 2 else "yes", f"{found.chosen['rows']:,} validation rows"
            sentence = f"{name}: {yes} above a probability of {found.value:.4g} ({found.told} on {rows})"
            job.recorder.log(sentence)
            job.progress.say(sentence)


def _training_scores(recorder: Recorder, kept: int | None) -> dict[str, float]:
    """The training part as `fit` scored it in the epoch whose weights are kept: the restored one, else the last."""
    rows = [row for row in recorder.rows if kept is None or row["epoch"] == kept]
    skipped = ("epoch", "seconds", "learning_rate")
    last = rows[-1] if rows else {}
    return {name: value for name, value in last.items() if name not in skipped and not name.startswith("val_")}
