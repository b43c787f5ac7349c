"""Several losses as one."""

from __future__ import annotations

from typing import Any

from nnrun.model.losses._rows import by_row, loss_of, values_of


def Sum(losses: list[Any], weights: list[float] | None = None) -> Any:
    """The sum of several losses of the same output, each times its weight.

    Args:
        losses: The losses, such as `[SSIM, mae]`.
        weights: A number for each of them; all 1 if it is left out.
    """
    factors = weights or [1.0] * len(losses)

    def values(truth: Any, output: Any) -> Any:
        found = [values_of(loss, truth, output) for loss in losses]
        if len({tuple(part.shape) for part in found}) > 1:  # of windows, of pixels, of whole pictures
            found = [by_row(part) for part in found]
        return sum(factor * part for factor, part in zip(factors, found, strict=True))

    return loss_of("sum", values)


def problem(losses: Any, weights: Any = None) -> str:
    """What is wrong with the arguments."""
    if not isinstance(losses, list) or not losses:
        return "losses is a list of losses, such as `[SSIM, mae]`"
    if weights is None:
        return ""
    if not isinstance(weights, list) or not all(isinstance(weight, int | float) for weight in weights):
        return "weights is a list of numbers, one for each loss"
    told = f"{len(losses)} losses and {len(weights)} weight{'s' if len(weights) != 1 else ''}"
    return "" if len(weights) == len(losses) else f"{told}: a weight for each loss"
