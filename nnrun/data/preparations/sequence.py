"""Columns that are the steps of a series: 500 columns become 500 steps of one number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

TAKES, GIVES = "numbers", "array"


def fit(values: np.ndarray[Any, Any], *, channels: int = 1) -> dict[str, Any]:
    """Nothing; the settings say it.

    Args:
        values: Numbers, the columns in the order of the steps.
        channels: Numbers of each step; with 2 the first two columns are the first step.
    """
    if channels < 1 or values.shape[1] % channels:
        raise DataError(
            f"{values.shape[1]} columns are no steps of {channels} channels", expected="a whole number of steps"
        )
    return {"shape": [values.shape[1] // channels, channels]}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """(rows, steps, channels)."""
    return values.reshape(len(values), *state["shape"])


def join(keras: Any, values: Any, state: Mapping[str, Any]) -> Any:
    """As `apply`, of tensors."""
    return keras.ops.reshape(values, (-1, *state["shape"]))


def shape(settings: Mapping[str, Any], column_count: int | None) -> tuple[int | None, ...]:
    """The shape of a row."""
    channels = settings.get("channels", 1)
    known = column_count is not None and isinstance(channels, int) and channels > 0
    return (column_count // channels if known and column_count else None, channels)
