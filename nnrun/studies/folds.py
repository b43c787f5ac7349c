"""Cross validation: a training a fold, scored on rows that chose nothing, averaged with an honest interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nnrun.config.config import Config
from nnrun.data.dataset import Dataset
from nnrun.devices.plan import Plan as Devices
from nnrun.runs.run import Run
from nnrun.studies.plan import Plan
from nnrun.studies.statistics import corrected_interval
from nnrun.training.feeds import validation_batch_size
from nnrun.training.finished import read_outcome
from nnrun.training.job import Part
from nnrun.training.predictions import write_predictions
from nnrun.training.progress import Progress
from nnrun.training.recorder import Recorder
from nnrun.training.score import score
from nnrun.training.stopping import Stop
from nnrun.training.trainer import Job, Networks, Outcome, finishing, train

METHOD = "95 %, t, variance (1/k + n_test/n_train) s^2 (Nadeau and Bengio 2003)"
SHARED = ("task", "monitor", "device", "plan", "keras", "parameters", "notes")


def run(
    config: Config,
    dataset: Dataset,
    plan: Plan,
    recorder: Recorder,
    progress: Progress,
    stop: Stop,
    devices: Devices | None = None,
) -> None:
    """Trains every fold as a run of its own, then writes cv.json, cv.csv and the out-of-fold predictions.

    A fold that is complete already is read; all others share one network, reset for each.
    """
    with finishing(recorder, stop):
        _write_splits(plan, recorder)
        networks, outcomes = Networks(), []
        for number, parts in enumerate(plan.splits, start=1):
            fold = Run(recorder.path / f"fold-{number}")
            done = fold.status == "complete"
            child = None if done else _child(config, plan, recorder, number)
            watch = None if plan.inner else parts.test
            told = child or recorder, progress, stop
            job = Job(config, dataset, parts, *told, networks, watch, number, plan=devices or Devices())
            if done:
                progress.say(f"fold {number} is complete already")
            outcomes.append(read_outcome(job, fold.path) if done else train(job))
            if "task" not in recorder.info:  # last, so that what is not there yet is written when it goes on
                recorder.text("resolved.yaml", (fold.path / "resolved.yaml").read_bytes())
                recorder.tell(**{name: Run(fold.path).info[name] for name in SHARED})
        _summarise(config, plan, outcomes, recorder)


def _child(config: Config, plan: Plan, recorder: Recorder, number: int) -> Recorder:
    info = {"kind": "fold", "fold": number, "config": recorder.info["config"]}
    if not plan.inner:
        info["watched"] = "val_ columns are the held-out fold; nothing is chosen by them"
    files = {**config.files, "data.json": (recorder.path / "data.json").read_bytes()}
    return recorder.child(f"fold-{number}", info, files)


def _write_splits(plan: Plan, recorder: Recorder) -> None:
    held_out = {f"fold_{number}": parts.test for number, parts in enumerate(plan.splits, start=1)}
    none = np.array([], dtype=np.int64)
    recorder.arrays("splits.npz", {"train": plan.folded, "validation": none, "test": plan.test, **held_out})


def _summarise(config: Config, plan: Plan, outcomes: Sequence[Outcome], recorder: Recorder) -> None:
    scores = [dict(outcome.metrics["test"]) for outcome in outcomes]
    pooled = _pooled(config, outcomes)
    sizes = [(len(parts.train) + len(parts.validation), len(parts.test)) for parts in plan.splits]
    share = float(np.mean([held_out / train for train, held_out in sizes]))
    summary = {name: _metric([fold[name] for fold in scores], pooled.get(name), share) for name in scores[0]}
    recorder.data("cv.json", {"format": 1, "folds": len(outcomes), "how": plan.how, "metric": summary})
    recorder.table(
        "cv.csv",
        ["fold", "train_rows", "validation_rows", "held_out_rows", *scores[0]],
        [
            [
                [number, len(parts.train), len(parts.validation), len(parts.test), *fold.values()]
                for number, (parts, fold) in enumerate(zip(plan.splits, scores, strict=True), start=1)
            ]
        ],
    )
    held_out = {name: told["mean"] for name, told in summary.items()}
    floors, penalty = {"held_out": _floor(outcomes)}, {"held_out": _penalty(outcomes)}
    recorder.data("metrics.json", {"format": 1, "held_out": held_out, "floor": floors, "regularization": penalty})
    parts = [replace(part, name="held_out") for part in _held_out(outcomes)]
    write_predictions(recorder, outcomes[0].answers, parts, outcomes[0].graph_losses)


def _floor(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """What simpler answers reach, averaged over the folds; each fold's are fitted on its own training rows."""
    folds = [outcome.floors["test"] for outcome in outcomes]
    return {
        method: {name: float(np.mean([fold[method][name] for fold in folds])) for name in scores}
        for method, scores in folds[0].items()
        if all(method in fold for fold in folds)
    }


def _pooled(config: Config, outcomes: Sequence[Outcome]) -> Mapping[str, float]:
    """The scores of all held-out rows together, each predicted by the model that never saw it.

    Empty where the folds do not agree on the classes, so that their numbers mean different things.
    """
    first = outcomes[0]
    for name, answer in first.answers.items():
        if any(outcome.answers[name].target.classes != answer.target.classes for outcome in outcomes):
            return {}
    parts = _held_out(outcomes)
    truths = {name: np.concatenate([part.truths[name] for part in parts]) for name in first.answers}
    outputs = {name: np.concatenate([part.outputs[name] for part in parts]) for name in parts[0].outputs}
    weights = config.compile.loss_weights
    masks = {name: np.concatenate([part.masks[name] for part in parts]) for name in parts[0].masks}
    thresholds = {
        name: np.concatenate([np.full(len(part.rows), part.thresholds[name]) for part in parts])
        for name in parts[0].thresholds
    }
    return score(
        first.answers, truths, outputs, first.facts, loss_weights=weights, extra_loss=_penalty(outcomes),
        graph_losses=first.graph_losses, thresholds=thresholds, batch_size=validation_batch_size(config),
        masks=masks,
    )  # fmt: skip


def _penalty(outcomes: Sequence[Outcome]) -> float:
    return float(np.mean([outcome.penalties["test"] for outcome in outcomes]))


def _held_out(outcomes: Sequence[Outcome]) -> list[Part]:
    return [outcome.last for outcome in outcomes if outcome.last is not None]


def _metric(values: Sequence[float], pooled: float | None, share: float) -> dict[str, Any]:
    mean, deviation = float(np.mean(values)), float(np.std(values, ddof=1))
    interval = corrected_interval(mean, deviation, len(values), share)
    told = {"folds": list(values), "mean": mean, "sd": deviation, "pooled": pooled}
    return {**told, "interval": list(interval), "method": METHOD}
