"""How answers are read from outputs, as the section `predict` says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nnrun.errors import Where

SCORES = ("f1", "balanced_accuracy", "youden", "precision_at_recall", "recall_at_precision")
FROM = "_at_"  # the scores that want a number: the least of what stands behind it


@dataclass(frozen=True)
class Maximize:
    """The threshold with the largest `score` on the validation rows; `least` has the other of a pair to reach."""

    score: str
    least: float = 0.0
    where: Where | None = None

    def to_data(self) -> Any:
        """As it is written."""
        return {self.score: self.least} if FROM in self.score else self.score


@dataclass(frozen=True)
class Decoding:
    """How an answer that is a sequence is read: greedy, greedy_ctc, beam, or sample.

    `prompt`, `temperature`, `top_k`, `top_p`, `count` and `seed` are for language models, which go on with a text. At a
    `temperature` of 0 the most probable token is taken. `max_length` counts tokens; None is as long as the target's.
    """

    how: str
    max_length: int | None = None
    width: int = 4
    prompt: str = ""
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    count: int = 1
    seed: int = 0
    written: Mapping[str, Any] = field(default_factory=dict)
    where: Where | None = None


@dataclass(frozen=True)
class Anomaly:
    """A row is an anomaly where the error of its answer is above this quantile of the errors of the rows of `part`.

    `truth` is a column that says which rows are anomalies: those that hold one of `values`, else 1 or yes.
    """

    quantile: float = 1.0
    error: str = "absolute"
    part: str = "train"
    truth: str | None = None
    values: tuple[str, ...] = ()
    where: Where | None = None

    def to_data(self) -> dict[str, Any]:
        """As it is written."""
        written = {self.truth: list(self.values)} if self.values else self.truth
        truth = {} if self.truth is None else {"truth": written}
        return {"quantile": self.quantile, "error": self.error, "of": self.part, **truth}


@dataclass(frozen=True)
class Predict:
    """`threshold` is None where classes are read at one half, `decoding` where no sequences are read.

    `anomaly` is None where no error is looked at.
    """

    threshold: float | Maximize | None = None
    decoding: Decoding | None = None
    anomaly: Anomaly | None = None

    def to_data(self) -> dict[str, Any]:
        """As it is written."""
        if self.anomaly is not None:
            return {"anomaly": self.anomaly.to_data()}
        if self.decoding is not None:
            return {self.decoding.how: dict(self.decoding.written)}
        if not isinstance(self.threshold, Maximize):
            return {"threshold": self.threshold}
        return {"threshold": {"maximize": self.threshold.to_data()}}
