"""Rows that a model answers badly, although it was trained on rows like them: `predict: {anomaly: ...}`.

The error of a row is that of its answer, a mean over all numbers of it. The threshold is a quantile of the errors of
training rows, or of validation rows, and of no others. Where a column says which rows are anomalies, those among the
training and validation rows are left out: nothing is learned, stopped or chosen by them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from nnrun.config.predict import Anomaly
from nnrun.data.categories import as_text
from nnrun.data.dataset import Dataset
from nnrun.errors import DataError, RunError, listing
from nnrun.runs.run import Run, place
from nnrun.training.answers import Answer
from nnrun.training.job import Job, Part
from nnrun.training.material import Material
from nnrun.training.network import Network
from nnrun.training.predicting import predict

Array = np.ndarray[Any, Any]

TABLE = "anomalies.csv"
AT_ONCE = 4096  # training rows that are answered at once
PLAIN = ({"0", "1"}, {"no", "yes"}, {"false", "true"}, {"False", "True"})  # what a column holds that needs no `values`


@dataclass(frozen=True)
class Judged:
    """What was found: the scores of each part, and for metrics.json the threshold and how it came about."""

    scores: Mapping[str, Mapping[str, float]]
    told: Mapping[str, Any]


def only_normal(job: Job) -> Job:
    """The job without those training and validation rows that are known to be anomalies."""
    wanted = job.config.predict.anomaly
    known = None if wanted is None else truth(wanted, job.dataset)
    if wanted is None or known is None:
        return job
    parts = {part: getattr(job.split, part) for part in ("train", "validation")}
    kept = {part: rows[~known[rows]] for part, rows in parts.items()}
    out = sum(len(rows) for rows in parts.values()) - sum(len(rows) for rows in kept.values())
    if not len(kept["train"]):
        raise DataError(f"{wanted.truth} says that every training row is an anomaly", where=wanted.where)
    if out:
        sentence = f"{out:,} training and validation rows are anomalies, and left out"
        job.recorder.log(sentence)
        job.progress.say(sentence)
    watch = None if job.watch is None else job.watch[~known[job.watch]]
    return replace(job, split=replace(job.split, **kept), watch=watch)


def truth(wanted: Anomaly, dataset: Dataset, *, some: bool = True) -> Array | None:
    """Which rows are anomalies, as a column says it; a window is one where any of its rows is. None without a column.

    Where there have to be `some`, a column that holds none is refused: its values are others.
    """
    if wanted.truth is None:
        return None
    windows, name = dataset.windows, wanted.truth
    if name in dataset.targets:
        values = np.asarray(dataset.targets[name])
    else:
        table = replace(dataset, windows=None)
        values = np.asarray(
            table.single(name, "column of anomalies", "a column, or an array of one value a row", wanted.where)
        )
    texts = as_text(values.reshape(len(values), -1)[:, 0])
    holds = list(dict.fromkeys(str(text) for text in texts if text is not None))
    plain = any(set(holds) <= one for one in PLAIN)
    if (not wanted.values and not plain) or (some and wanted.values and not set(wanted.values) & set(holds)):
        expected = listing(wanted.values) if wanted.values else "0 and 1, or yes and no"
        hint = f"`truth: {{{name}: {holds[-1] if holds else 'VALUE'}}}` says which value an anomaly has"
        what = f"{name} is to say which rows are anomalies, and holds {listing(holds)}"
        raise DataError(what, where=wanted.where, expected=expected, hint=hint)
    found = np.isin(texts.astype(str), wanted.values or ("1", "yes", "true", "True"))
    if windows is not None:
        found = np.any(found[windows.starts[:, None] + np.arange(windows.length)], axis=1)
    return np.asarray(found)


def looked_at(answers: Mapping[str, Answer]) -> Answer:
    """The answer whose error is looked at: the one that is made of an input, so that new rows have an error too."""
    return next(answer for answer in answers.values() if answer.spec.of_input)


def errors(wanted: Anomaly, true: Array, output: Array) -> Array:
    """The error of every row (rows,), a mean over its numbers."""
    apart = np.asarray(output, np.float64).reshape(len(output), -1) - np.asarray(true, np.float64).reshape(
        len(true), -1
    )
    return np.asarray((np.abs(apart) if wanted.error == "absolute" else np.square(apart)).mean(axis=1))


def judge(job: Job, material: Material, network: Network, predicted: Sequence[Part]) -> Judged | None:
    """Chooses the threshold, and holds every row against it: anomalies.csv. None where the config does not ask."""
    wanted = job.config.predict.anomaly
    if wanted is None:
        return None
    answer = looked_at(material.answers)
    found = {"train": (job.split.train, _of_training(job, material, network, answer, wanted))}
    for part in predicted:
        found[part.name] = part.rows, errors(wanted, part.truths[answer.output], part.outputs[answer.output])
    if wanted.part not in found:
        raise DataError(f"the {wanted.part} part has no rows to choose the threshold by", where=wanted.where)
    chosen = found[wanted.part][1]
    threshold = float(np.quantile(chosen, wanted.quantile, method="higher"))
    known = truth(wanted, job.dataset)
    rows = {part: numbers[: len(values)] for part, (numbers, values) in found.items()}  # of a rehearsal only some
    tested = {"test": known[rows["test"]]} if known is not None and "test" in rows else {}  # of others none is left in
    scores = {part: scored(values, threshold, tested.get(part)) for part, (_, values) in found.items()}
    told = {"output": answer.output, "threshold": threshold, "quantile": wanted.quantile, "error": wanted.error}
    told |= {"part": wanted.part, "rows": len(chosen)}
    job.recorder.table(TABLE, *_table(job, found, threshold, known))
    job.recorder.tell(anomaly=told)
    _say(job, wanted, told, {part: values for part, (_, values) in found.items() if part != "train"})
    return Judged({part: values for part, values in scores.items() if part != "train"}, told)


def scored(found: Array, threshold: float, known: Array | None) -> dict[str, float]:
    """The share of rows above the threshold; where it is known which are anomalies, what scikit-learn says of that."""
    above = found > threshold
    told = {"anomalies": float(above.mean()) if len(above) else float("nan")}
    if known is None:
        return told
    from sklearn import metrics

    both = 0 < known.sum() < len(known)
    return {
        **told,
        "anomaly_precision": float(metrics.precision_score(known, above, zero_division=0)),
        "anomaly_recall": float(metrics.recall_score(known, above, zero_division=0)),
        "anomaly_roc_auc": float(metrics.roc_auc_score(known, found)) if both else float("nan"),
        "anomaly_average_precision": float(metrics.average_precision_score(known, found)) if both else float("nan"),
    }


def _of_training(job: Job, material: Material, network: Network, answer: Answer, wanted: Anomaly) -> Array:
    """The errors of the training rows, some of them at a time."""
    rows, found = job.split.train, []
    for first in range(0, len(rows), AT_ONCE):
        some = rows[first : first + AT_ONCE]
        outputs = predict(network, material, material.x(some), len(some))[answer.output]
        found.append(errors(wanted, material.y(some[: len(outputs)])[answer.output], outputs))
        if len(outputs) < len(some):
            break  # a rehearsal predicts two batches only
    return np.concatenate(found)


def _table(
    job: Job, found: Mapping[str, tuple[Array, Array]], threshold: float, known: Array | None
) -> tuple[list[str], Iterator[Iterator[list[Any]]]]:
    """A line for each row: its error, and of a window the rows of the table that it holds, counted from 0."""
    windows = job.dataset.windows
    columns = ["row", "part", *([] if windows is None else ["first_row", "last_row"]), "error", "anomaly"]

    def lines(part: str, rows: Array, values: Array) -> Iterator[list[Any]]:
        for row, error in zip(rows, values, strict=False):
            place = [] if windows is None else [int(windows.starts[row]), int(windows.lasts[row])]
            truths = [] if known is None else [yes(known[row])]
            yield [int(row), part, *place, float(f"{error:.7g}"), yes(error > threshold), *truths]

    blocks = (lines(part, rows, values) for part, (rows, values) in found.items())
    return [*columns, *([] if known is None else ["truth"])], blocks


def yes(value: Any) -> str:
    """A verdict, in a word."""
    return "yes" if value else "no"


def _say(job: Job, wanted: Anomaly, told: Mapping[str, Any], found: Mapping[str, Array]) -> None:
    of = "the largest" if wanted.quantile == 1 else f"the {wanted.quantile:g} quantile"
    part = "training" if wanted.part == "train" else wanted.part
    sentence = (
        f"{told['output']}: an anomaly above an {wanted.error} error of {told['threshold']:.4g} "
        f"({of} of {told['rows']:,} {part} rows)"
    )
    counts = [
        f"{part} {int((values > told['threshold']).sum()):,} of {len(values):,}" for part, values in found.items()
    ]
    sentence += f"; {', '.join(counts)}" if counts else ""
    job.recorder.log(sentence)
    job.progress.say(sentence)


def told_by(path: Path) -> float:
    """The threshold that a run chose, from its metrics.json."""
    told = Run(path).metrics.get("anomaly")
    if not told:
        raise RunError(f"{place(path)} has chosen no threshold: it ended before its scores", hint="let it end")
    return float(told["threshold"])


def named(wanted: Anomaly, dataset: Dataset) -> bool:
    """Whether rows that came later say which of them are anomalies."""
    columns = dataset.columns
    there = wanted.truth in dataset.targets or wanted.truth in dataset.arrays
    return wanted.truth is not None and (there or (columns is not None and wanted.truth in columns))
