"""One column divided by others: rooms for each household."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnrun.data.unusable import UnusableError
from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

TAKES, GIVES = "numbers", "numbers"
COMBINES = True  # its columns may be inputs by themselves too


def fit(values: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Nothing; the first column is divided by the product of the others.

    Args:
        values: Numbers, at least two columns.
    """
    if values.shape[1] < 2:
        raise DataError("a ratio of one column", expected="two columns: `ratio: [rooms, households]`")
    return {"width": 1}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:  # noqa: ARG001
    """The quotients (rows, 1)."""
    below = values[:, 1:].prod(axis=1, keepdims=True)
    if (below == 0).any():
        bad = values == 0
        bad[:, 0] = False
        raise UnusableError("a division by 0", bad, expected="no zeros below the line")
    found: np.ndarray[Any, Any] = values[:, :1] / below
    return found


def join(keras: Any, values: Any, state: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """As `apply`, of tensors."""
    return values[:, :1] / keras.ops.prod(values[:, 1:], axis=1, keepdims=True)


def width(settings: Mapping[str, Any], column_count: int) -> int | None:  # noqa: ARG001  all have one form
    """One column for all."""
    return 1
