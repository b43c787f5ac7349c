"""Agreement beyond chance."""

from __future__ import annotations

from typing import Any

from nnrun.model.metrics import Measure
from nnrun.model.metrics._classes import chosen

WEIGHTS = (None, "linear", "quadratic")


def CohenKappa(weights: str | None = None, name: str = "cohen_kappa") -> Measure:
    """The share of right answers less what chance would give, by the most that it could be: 0 is chance, 1 all right.

    Source: J. Cohen, A Coefficient of Agreement for Nominal Scales, Educational and Psychological Measurement (1960).

    Args:
        weights: linear or quadratic: a wrong answer weighs by how far its class lies from the right one, for classes
            that have an order; without it all wrong answers weigh the same.
        name: What it is logged as.
    """
    if weights not in WEIGHTS:
        raise ValueError(f"weights is linear, quadratic or left out, and {weights!r} is none of them")

    def of(truth: Any, shares: Any) -> float:
        import numpy as np
        from sklearn.metrics import cohen_kappa_score

        answers = chosen(shares)
        if len(np.union1d(truth, answers)) < 2:
            return float("nan")  # one class alone is no agreement
        return float(cohen_kappa_score(truth, answers, weights=weights, labels=np.arange(shares.shape[1])))

    return Measure(name, of)
