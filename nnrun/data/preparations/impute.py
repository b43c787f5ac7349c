"""Blanks filled with a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

TAKES, GIVES = "numbers", "numbers"


def fit(values: np.ndarray[Any, Any], *, value: str | float = "median") -> dict[str, Any]:
    """What stands for a blank in every column.

    Args:
        values: Numbers, NaN where blank; no column may be all blank.
        value: "median" or "mean" of the values that are there, or a number.
    """
    import numpy as np

    if value == "median":
        return {"fill": np.nanmedian(values, axis=0)}
    if value == "mean":
        return {"fill": np.nanmean(values, axis=0)}
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DataError(f"blanks cannot be filled with {value!r}", expected="median, mean or a number")
    return {"fill": np.full(values.shape[1], float(value))}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """The values with no blanks."""
    import numpy as np

    return np.where(np.isnan(values), state["fill"], values)


def width(settings: Mapping[str, Any], column_count: int) -> int | None:  # noqa: ARG001  all have one form
    """One column for each."""
    return column_count
