"""How sure a mean over folds is, given that folds share most of their training rows."""

from __future__ import annotations

import math


def corrected_interval(
    mean: float, deviation: float, folds: int, share: float, level: float = 0.95
) -> tuple[float, float]:
    """The interval of a cross-validated mean with the corrected variance (1/k + n_test/n_train) s².

    `share` is n_test/n_train. Source: C. Nadeau, Y. Bengio, Inference for the Generalization Error,
    Machine Learning 52 (2003), section 3.
    """
    from scipy.special import stdtrit  # the quantile of t; scipy.stats would cost most of a second to import

    width = float(stdtrit(folds - 1, (1 + level) / 2)) * math.sqrt((1 / folds + share) * deviation**2)
    return mean - width, mean + width
