"""Right answers, every class counting the same."""

from __future__ import annotations

from typing import Any

from nnrun.model.metrics import Measure
from nnrun.model.metrics._classes import chosen


def BalancedAccuracy(adjusted: bool = False, name: str = "balanced_accuracy") -> Measure:
    """The mean over the classes of the share of their rows that were found: a rare class counts as much as any.

    Args:
        adjusted: Move the scale, so that always answering one class is 0 and 1 stays 1.
        name: What it is logged as.
    """

    def of(truth: Any, shares: Any) -> float:
        import numpy as np

        # scikit-learn's own warns of classes that are predicted and have no row, which a small part has now and then.
        answers, present = chosen(shares), np.unique(truth)
        found = float(np.mean([np.mean(answers[truth == number] == number) for number in present]))
        chance = 1 / len(present)
        return (found - chance) / (1 - chance) if adjusted and chance < 1 else found

    return Measure(name, of)
