"""`predict.threshold`: from which probability on the second class, or a label, is answered.

It is written, or chosen on the validation rows. What reads the class that is answered goes by it: predictions.csv, and
metrics such as accuracy, precision and F1 that are given no threshold of their own. Every epoch is read at one half.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnrun.config.config import Config
from nnrun.config.predict import FROM, Maximize
from nnrun.errors import DataError
from nnrun.training.answers import Answer
from nnrun.training.score import positives

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Threshold:
    """A probability, and what of it goes into metrics.json: by which score, of how many rows, it was chosen."""

    value: float
    chosen: Mapping[str, Any]

    @property
    def told(self) -> str:
        """What was maximized and reached, in words."""
        wanted, reached = self.chosen["maximize"], f"{self.chosen['reached']:.4f}"
        if isinstance(wanted, str):
            return f"{wanted.replace('_', ' ')} {reached}"
        score, least = next(iter(wanted.items()))
        return f"{score.partition(FROM)[0]} {reached} at a {score.partition(FROM)[2]} of {least}"

    def to_data(self) -> dict[str, Any]:
        """For JSON."""
        return {"value": self.value, **self.chosen}


def written(config: Config, answers: Mapping[str, Answer]) -> dict[str, Threshold]:
    """By output, where the config says a number."""
    if not isinstance(config.predict.threshold, float):
        return {}
    found = dict.fromkeys(_outputs(config, answers), config.predict.threshold)
    return {name: Threshold(value, {}) for name, value in found.items()}


def chosen(
    config: Config, answers: Mapping[str, Answer], truths: Mapping[str, Array], outputs: Mapping[str, Array]
) -> dict[str, Threshold]:
    """By output, the best for the validation rows, where the config asks for it."""
    wanted = config.predict.threshold
    if not isinstance(wanted, Maximize):
        return {}
    return {
        name: _best(name, wanted, *_flat(answers[name], truths[name], outputs[name]), len(truths[name]))
        for name in _outputs(config, answers)
    }


def saved(metrics: Mapping[str, Any]) -> dict[str, float]:
    """The thresholds by output that a run's metrics.json tells; an output without one is read at one half."""
    return {name: float(told["value"]) for name, told in (metrics.get("threshold") or {}).items()}


def _outputs(config: Config, answers: Mapping[str, Answer]) -> list[str]:
    """Those that answer yes or no."""
    found = [name for name, answer in answers.items() if answer.task.name in ("binary", "multilabel")]
    if not found:
        tasks = ", ".join(answer.task.name for answer in answers.values())
        where = config.document.value(("predict", "threshold"))
        raise DataError(f"a threshold, and the task is {tasks}", where=where, expected="binary or multilabel")
    return found


def _flat(answer: Answer, truth: Array, output: Array) -> tuple[Array, Array]:
    """What is true and how probable it is, of every row, and of several labels of every label."""
    true = answer.class_numbers(truth) if answer.task.kind == "classes" else truth.ravel()
    return true > 0.5, positives(answer, output).ravel()


def _best(name: str, wanted: Maximize, truth: Array, probability: Array, rows: int) -> Threshold:
    """The threshold where the score is largest, between two rows of different probability; of several next to 0.5."""
    if not 0 < truth.sum() < len(truth):
        raise DataError(
            f"no threshold can be chosen: of {len(truth):,} answers of {name} in the {rows:,} validation rows "
            f"{int(truth.sum()):,} are yes",
            expected="some yes and some no",
            hint="make `data.split.validation` larger",
        )
    at, scores = _SCORES[wanted.score](truth, probability, wanted)
    lower = np.unique(np.concatenate([[0.0], probability]))
    values = (at + lower[np.maximum(np.searchsorted(lower, at) - 1, 0)]) / 2  # from the row on, and above the next
    best = np.flatnonzero(scores == scores.max())
    place = best[np.abs(values[best] - 0.5).argmin()]
    told: dict[str, Any] = {"maximize": wanted.to_data(), "reached": float(scores[place])}
    return Threshold(float(values[place]), {**told, "part": "validation", "rows": rows})


def _f1(truth: Array, probability: Array, _: Maximize) -> tuple[Array, Array]:
    from sklearn.metrics import precision_recall_curve

    precision, recall, at = precision_recall_curve(truth, probability)
    return at, (2 * precision * recall / np.maximum(precision + recall, 1e-12))[:-1]


def _youden(truth: Array, probability: Array, _: Maximize) -> tuple[Array, Array]:
    from sklearn.metrics import roc_curve

    false, true, at = roc_curve(truth, probability, drop_intermediate=False)
    return at[1:], (true - false)[1:]  # the first answers no to all


def _balanced_accuracy(truth: Array, probability: Array, wanted: Maximize) -> tuple[Array, Array]:
    at, youden = _youden(truth, probability, wanted)
    return at, (youden + 1) / 2


def _precision_at_recall(truth: Array, probability: Array, wanted: Maximize) -> tuple[Array, Array]:
    from sklearn.metrics import precision_recall_curve

    precision, recall, at = precision_recall_curve(truth, probability)
    return at, np.where(recall >= wanted.least, precision, -1.0)[:-1]  # one that answers yes to all reaches any recall


def _recall_at_precision(truth: Array, probability: Array, wanted: Maximize) -> tuple[Array, Array]:
    from sklearn.metrics import precision_recall_curve

    precision, recall, at = precision_recall_curve(truth, probability)
    if precision[:-1].max() < wanted.least:
        raise DataError(
            f"no threshold has a precision of {wanted.least} on the {len(truth):,} validation rows; the best has "
            f"{precision[:-1].max():.4g}",
            where=wanted.where,
            expected="a precision that the model reaches",
        )
    return at, np.where(precision >= wanted.least, recall, -1.0)[:-1]


_SCORES: Mapping[str, Callable[[Array, Array, Maximize], tuple[Array, Array]]] = {
    "f1": _f1,
    "balanced_accuracy": _balanced_accuracy,
    "youden": _youden,
    "precision_at_recall": _precision_at_recall,
    "recall_at_precision": _recall_at_precision,
}
