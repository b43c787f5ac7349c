"""A fixed tensor that is the same for every row."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.layers._batch import ones


def Constant(value: list[Any], name: str = "constant") -> Any:  # noqa: ARG001, N802 - a step is named by it
    """A fixed tensor that is the same for every row; it is called on nothing, and gives (batch, *shape of value).

    Args:
        value: The numbers, as lists in lists.
        name: Its name.
    """
    import numpy as np

    numbers = np.asarray(value, "float32")

    def constant(tensor: Any) -> Any:
        ops = framework.keras().ops
        rows = ops.reshape(ones(tensor), (-1, *[1] * numbers.ndim))
        return ops.multiply(rows, numbers[None])

    return constant
