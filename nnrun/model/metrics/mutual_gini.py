"""Whether predicted amounts are as unevenly spread as the true ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnrun.model.metrics import Measure

if TYPE_CHECKING:
    import numpy as np


def MutualGini(name: str = "mutual_gini") -> Measure:
    """The distance between the areas under two Lorenz curves, that of the targets and that of the outputs.

    A Lorenz curve says which share of the whole the largest amounts make up together (Lorenz 1905). 0 is best.

    Args:
        name: What it is logged as.
    """

    def of(truth: Any, output: Any) -> float:
        return abs(_area(truth) - _area(output))

    return Measure(name, of, reads="numbers")


def _area(amounts: np.ndarray[Any, Any]) -> float:
    import numpy as np

    falling = np.sort(-amounts.astype("float64").ravel())
    curve = np.cumsum(falling)
    if not curve[-1]:
        return 0.0  # nothing to share out
    shares = curve / curve[-1]
    return float(np.mean((shares[1:] + shares[:-1]) / 2)) if len(shares) > 1 else 0.0
