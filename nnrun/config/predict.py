"""How answers are read from outputs, as the section `predict` says it."""

from __future__ import annotations

from dataclasses import dataclass
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
class Predict:
    """`threshold` is None where classes are read at one half."""

    threshold: float | Maximize | None = None

    def to_data(self) -> dict[str, Any]:
        """As it is written."""
        if not isinstance(self.threshold, Maximize):
            return {"threshold": self.threshold}
        return {"threshold": {"maximize": self.threshold.to_data()}}
