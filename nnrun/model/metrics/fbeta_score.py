"""Precision and recall in one number, one of them counting more."""

from __future__ import annotations

from typing import Any

from nnrun.model.metrics import Measure
from nnrun.model.metrics._classes import checked, chosen, usual


def FBetaScore(
    average: str | None = None, beta: float = 1.0, threshold: float | None = None, name: str = "fbeta_score"
) -> Measure:
    """A mean of precision and recall, (1 + b^2) p r / (b^2 p + r): with b above 1 recall counts more.

    Of class numbers it is computed at the end of each epoch, of the validation rows: `val_fbeta_score`.
    Of one-hot classes and of several labels it is Keras' own, batch by batch.

    Args:
        average: Of class numbers: binary (the second of two classes), macro (the mean of the classes), micro, weighted;
            binary of two classes and macro of more if it is left out.
        beta: How many times as much recall counts.
        threshold: Of two classes the second is chosen where its probability is above this; 0.5 if it is left out.
        name: What it is logged as.
    """
    checked(average)
    if beta <= 0:
        raise ValueError("beta is a number above 0")

    def of(truth: Any, shares: Any) -> float:
        from sklearn.metrics import fbeta_score

        how = usual(average, shares)
        return float(fbeta_score(truth, chosen(shares, threshold), beta=beta, average=how, zero_division=0))

    return Measure(name, of, reads_answers=threshold is None)
