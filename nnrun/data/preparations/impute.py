"""Blanks filled with a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

TAKES, GIVES = "numbers", "numbers"


def fit(values: np.ndarray[Any, Any], *, value: str | float = "median", add_indicator: bool = False) -> dict[str, Any]:
    """What stands for a blank in every column.

    Args:
        values: Numbers, NaN where blank; no column may be all blank.
        value: "median" or "mean" of the values that are there, or a number.
        add_indicator: Puts a column behind for each, 1 where it was blank.
    """
    import numpy as np

    wide = {"width": 2 * values.shape[1]} if add_indicator else {}
    if value == "median":
        return {"fill": np.nanmedian(values, axis=0), **wide}
    if value == "mean":
        return {"fill": np.nanmean(values, axis=0), **wide}
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DataError(f"blanks cannot be filled with {value!r}", expected="median, mean or a number")
    return {"fill": np.full(values.shape[1], float(value)), **wide}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """The values with no blanks, and behind them where blanks were, if that is asked for."""
    import numpy as np

    blank = np.isnan(values)
    filled = np.where(blank, state["fill"], values)
    return np.concatenate([filled, blank], axis=1) if "width" in state else filled


def unapply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:  # noqa: ARG001
    """The same values: what was blank is not known any more."""
    return values


def join(keras: Any, values: Any, state: Mapping[str, Any]) -> Any:
    """As `apply`, of tensors."""
    ops = keras.ops
    blank = ops.isnan(values)
    filled = ops.where(blank, state["fill"].astype(values.dtype), values)
    return ops.concatenate([filled, ops.cast(blank, values.dtype)], axis=1) if "width" in state else filled


def width(settings: Mapping[str, Any], column_count: int) -> int | None:
    """One column for each, two with the indicator."""
    return 2 * column_count if settings.get("add_indicator") else column_count
