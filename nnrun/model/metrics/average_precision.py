"""Precision over all recalls, in one number."""

from __future__ import annotations

from nnrun.model.metrics import Measure
from nnrun.model.metrics.auc import AUC


def AveragePrecision(average: str = "macro", name: str = "average_precision") -> Measure:
    """The mean of the precisions at each recall: how well the rows of a rare class come before all others.

    It is scikit-learn's, which does not interpolate as `AUC: PR` of Keras does. Without skill it is the share of the
    class. Of several classes each is taken against all others, those that the part has rows of.

    Args:
        average: macro (the mean of the classes), or weighted by their rows.
        name: What it is logged as.
    """
    return AUC("PR", average, name)
