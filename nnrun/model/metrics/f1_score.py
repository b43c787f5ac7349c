"""Precision and recall in one number."""

from __future__ import annotations

from nnrun.model.metrics import Measure
from nnrun.model.metrics.fbeta_score import FBetaScore


def F1Score(average: str | None = None, threshold: float | None = None, name: str = "f1_score") -> Measure:
    """The harmonic mean of precision and recall, 2 p r / (p + r).

    Of class numbers it is computed at the end of each epoch, of the validation rows: `val_f1_score`.
    Of one-hot classes and of several labels it is Keras' own, batch by batch.

    Args:
        average: Of class numbers: binary (the second of two classes), macro (the mean of the classes), micro, weighted;
            binary of two classes and macro of more if it is left out. Of one-hot targets, as Keras has it.
        threshold: Of two classes the second is chosen where its probability is above this; 0.5 if it is left out.
        name: What it is logged as.
    """
    return FBetaScore(average, 1.0, threshold, name)
