"""The loss of a quantile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nnrun.model import framework
from nnrun.model.losses._rows import aligned, loss_of

TASK = "regression"


def Quantile(quantiles: float | list[float] = 0.5) -> Any:
    """The pinball loss: what minimizes it is a quantile of the target, given the inputs.

    With e = target - output it is q e where e is positive, and (q - 1) e where it is negative: for q = 0.9 an output
    that is too low costs nine times as much as one that is too high. Source: R. Koenker, G. Bassett, Regression
    Quantiles, Econometrica 46 (1978); scikit-learn has it as `mean_pinball_loss`.

    Args:
        quantiles: A number between 0 and 1, the median if it is left out; or a list of them, with a unit of the
            output for each: `[0.1, 0.5, 0.9]` is an interval of four fifths of the rows around the median.
    """
    import numpy as np

    ops = framework.keras().ops
    share = np.asarray(quantiles, "float32")

    def values(truth: Any, output: Any) -> Any:
        error = aligned(truth, output) - output
        return ops.maximum(error * share, error * (share - 1))

    return loss_of("quantile", values)


def problem(quantiles: Any = 0.5) -> str:
    """What is wrong with the arguments."""
    given = quantiles if isinstance(quantiles, list) else [quantiles]
    good = [
        value for value in given if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1
    ]
    if not given or len(good) < len(given):
        return "quantiles are numbers between 0 and 1, such as `Quantile: 0.9` or `Quantile: [0.1, 0.5, 0.9]`"
    return "" if given == sorted(set(given)) else "each quantile is larger than the one before it"


def units(quantiles: float | Sequence[float] = 0.5) -> int | None:
    """How many numbers the output gives for one number of the target; None where it is as many."""
    return len(quantiles) if isinstance(quantiles, list | tuple) else None


def trivial(values: Any, quantiles: Any = 0.5) -> Any:
    """The best answer without a look at the inputs: the quantiles of the training rows."""
    import numpy as np

    return np.quantile(values, quantiles, axis=0 if np.ndim(quantiles) == 0 else None)
