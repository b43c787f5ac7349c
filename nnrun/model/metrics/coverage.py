"""How often an interval holds the answer."""

from __future__ import annotations

from typing import Any

from nnrun.model.metrics import Measure


def Coverage(name: str = "coverage") -> Measure:
    """The share of rows whose target lies between the smallest and the largest number of the output.

    With `Quantile: [0.1, 0.5, 0.9]` it should come to 0.8.

    Args:
        name: What it is logged as.
    """

    def of(truth: Any, output: Any) -> float:
        import numpy as np

        truth = truth.reshape(len(truth), 1)
        return float(
            np.mean((output.min(axis=1, keepdims=True) <= truth) & (truth <= output.max(axis=1, keepdims=True)))
        )

    return Measure(name, of, reads="interval")
