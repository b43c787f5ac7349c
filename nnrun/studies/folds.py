"""Cross validation: the same training once a fold, scored on rows that chose nothing, averaged with an honest interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnrun.config.config import Config
from nnrun.data.dataset import Dataset
from nnrun.data.folds import Fold, folds
from nnrun.data.split import Split, split
from nnrun.errors import DataError, DivergedError, StoppedError, did_you_mean, listing
from nnrun.studies.statistics import corrected_interval
from nnrun.train.labels import labels
from nnrun.train.monitors import chooses
from nnrun.train.predictions import write_predictions
from nnrun.train.progress import Progress
from nnrun.train.recorder import Recorder
from nnrun.train.score import score
from nnrun.train.stopping import Stop
from nnrun.train.trainer import Outcome, train

Array = np.ndarray[Any, Any]
INNER_SHARE = 0.1


@dataclass(frozen=True)
class Plan:
    """The folds, each with its training, inner validation and held-out rows."""

    splits: tuple[Split, ...]
    how: str
    inner: bool  # an inner validation part was taken, because something chooses by it


def plan(config: Config, dataset: Dataset, parts: Split) -> Plan:
    """Folds over everything but the test part, which stays untouched; index for index scikit-learn's."""
    rows = np.sort(np.concatenate([parts.train, parts.validation]))
    found, how = folds(
        rows,
        folds=config.cv.folds,
        strategy=config.cv.strategy,
        seed=config.cv.seed,
        labels=labels(config, dataset),
        groups=_groups(config, dataset),
    )
    inner = chooses(config)
    splits = tuple(_split(config, dataset, fold, inner) for fold in found)
    aside = f"; {len(parts.test)} test rows set aside" if len(parts.test) else ""
    chosen = "; an inner validation part of each fold's training rows chooses" if inner else ""
    return Plan(splits, f"{how}{aside}{chosen}", inner)


def _groups(config: Config, dataset: Dataset) -> Array | None:
    column = config.cv.group
    if column is None:
        if config.cv.strategy == "group":
            raise DataError(
                "folds by group need a column",
                where=config.document.key(("cv",)),
                expected="`group: COLUMN` under cv",
            )
        return None
    known = [str(name) for name in dataset.columns.columns] if dataset.columns is not None else []
    if column not in known:
        raise DataError(
            f"the group column {column!r} does not exist",
            where=config.document.value(("cv", "group")),
            expected=f"one of {listing(known, 30)}" if known else "a table",
            hint=did_you_mean(column, known),
        )
    assert dataset.columns is not None
    return np.asarray(dataset.columns[column].to_numpy())


def _split(config: Config, dataset: Dataset, fold: Fold, inner: bool) -> Split:
    none = np.array([], dtype=np.int64)
    if not inner:
        return Split(fold.train, none, fold.held_out, "fold")
    section = config.data.split
    share = section.validation if section is not None and not isinstance(section.validation, list) else 0
    classes = labels(config, dataset)
    drawn = split(
        len(fold.train),
        validation=share or INNER_SHARE,
        strategy="auto",
        seed=config.cv.seed,
        labels=None if classes is None else classes[fold.train],
    )
    return Split(fold.train[drawn.train], fold.train[drawn.validation], fold.held_out, "fold")


def run(config: Config, dataset: Dataset, plan: Plan, recorder: Recorder, progress: Progress, stop: Stop) -> None:
    """Trains every fold as a run of its own, then writes cv.json, cv.csv and the out-of-fold predictions."""
    outcomes: list[Outcome] = []
    try:
        for number, parts in enumerate(plan.splits, start=1):
            child = recorder.child(
                f"fold-{number}", {"kind": "fold", "fold": number, "config": recorder.info["config"]}
            )
            child.text("config.yaml", config.written)
            child.tell(watched="" if plan.inner else "the held-out fold, by which nothing is chosen")
            outcomes.append(train(config, dataset, parts, child, progress, stop, watch=parts.test, fold=number))
            if number == 1:
                recorder.tell(
                    task=child.info["task"],
                    monitor=child.info["monitor"],
                    device=child.info["device"],
                    keras=child.info["keras"],
                    parameters=child.info["parameters"],
                )
                recorder.text("resolved.yaml", (child.path / "resolved.yaml").read_bytes())
        _summarise(config, plan, outcomes, recorder)
    except BaseException as error:
        diverged = "diverged" if isinstance(error, DivergedError) else "failed"
        recorder.finish("stopped" if isinstance(error, StoppedError | KeyboardInterrupt) else diverged, error)
        raise
    recorder.finish("complete")


def _summarise(config: Config, plan: Plan, outcomes: Sequence[Outcome], recorder: Recorder) -> None:
    scores = [dict(outcome.metrics["test"]) for outcome in outcomes]
    pooled = _pooled(config, outcomes)
    share = float(
        np.mean([len(parts.test) / max(len(parts.train) + len(parts.validation), 1) for parts in plan.splits])
    )
    summary = {name: _metric([fold[name] for fold in scores], pooled.get(name), share) for name in scores[0]}
    recorder.data("cv.json", {"format": 1, "folds": len(outcomes), "how": plan.how, "metric": summary})
    columns = ["fold", "train_rows", "validation_rows", "held_out_rows", *scores[0]]
    recorder.table(
        "cv.csv",
        columns,
        [
            [number, len(parts.train), len(parts.validation), len(parts.test), *fold.values()]
            for number, (parts, fold) in enumerate(zip(plan.splits, scores, strict=True), start=1)
        ],
    )
    recorder.data("metrics.json", {"format": 1, "held_out": {name: told["mean"] for name, told in summary.items()}})
    recorder.arrays("splits.npz", {f"fold_{number}": parts.test for number, parts in enumerate(plan.splits, start=1)})
    write_predictions(
        recorder,
        outcomes[0].answers,
        [("held_out", outcome.rows, outcome.truths, outcome.outputs) for outcome in outcomes],
        None,
        folds=range(1, len(outcomes) + 1),
    )


def _pooled(config: Config, outcomes: Sequence[Outcome]) -> Mapping[str, float]:
    """The scores of all held-out rows together, each predicted by the model that never saw it."""
    first = outcomes[0]
    classes = {tuple(answer.target.classes or ()) for outcome in outcomes for answer in outcome.answers.values()}
    if len(classes) > len(first.answers):
        return {}  # a fold's training part lacked a class; class numbers differ between folds
    truths = {name: np.concatenate([outcome.truths[name] for outcome in outcomes]) for name in first.answers}
    outputs = {name: np.concatenate([outcome.outputs[name] for outcome in outcomes]) for name in first.answers}
    return score(first.answers, truths, outputs, first.facts, loss_weights=config.compile.loss_weights)


def _metric(values: Sequence[float], pooled: float | None, share: float) -> dict[str, Any]:
    mean = float(np.mean(values))
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else math.nan
    low, high = corrected_interval(mean, deviation, len(values), share)
    return {
        "folds": list(values),
        "mean": mean,
        "sd": deviation,
        "pooled": pooled,
        "interval": [low, high],
        "method": "95 %, t, variance (1/k + n_test/n_train) s^2 (Nadeau and Bengio 2003)",
    }
