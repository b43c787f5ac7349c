"""Among how many tokens a language model wavers."""

from __future__ import annotations

from typing import Any

from nnrun.model.metrics import Measure

LEAST = 1e-30  # a probability of nothing would have no logarithm


def Perplexity(ignore: int | None = None, name: str = "perplexity") -> Measure:
    """The exponential of the mean cross-entropy: of a model that knows nothing it is the number of classes, at best 1.

    Args:
        ignore: The class that does not count, such as 0, which fills texts up.
        name: What it is logged as.
    """

    def of(truth: Any, shares: Any) -> float:
        import numpy as np

        counts = slice(None) if ignore is None else truth != ignore
        numbers = truth[counts].astype(np.int64)
        told = np.take_along_axis(shares[counts], numbers[:, None], axis=1)
        return float(np.exp(-np.log(np.maximum(told.astype(np.float64), LEAST)).mean())) if len(numbers) else 1.0

    return Measure(name, of, reads_answers=False)
