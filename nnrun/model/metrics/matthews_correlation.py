"""How answers and classes go together."""

from __future__ import annotations

from typing import Any

from nnrun.model.metrics import Measure
from nnrun.model.metrics._classes import chosen


def MatthewsCorrelation(name: str = "matthews_correlation") -> Measure:
    """The correlation of the answers with the classes: 1 all right, 0 no better than chance, below 0 worse.

    Source: B. Matthews, Comparison of the Predicted and Observed Secondary Structure of T4 Phage Lysozyme, BBA 405
    (1975); J. Gorodkin, Comparing Two K-category Assignments by a K-category Correlation Coefficient (2004).

    Args:
        name: What it is logged as.
    """

    def of(truth: Any, shares: Any) -> float:
        import numpy as np
        from sklearn.metrics import matthews_corrcoef

        answers = chosen(shares)
        if len(np.union1d(truth, answers)) < 2:
            return 0.0  # scikit-learn's own value, without its warning
        return float(matthews_corrcoef(truth, answers))

    return Measure(name, of)
