"""Mean 0 and deviation 1, column by column, or channel by channel of an array."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

TAKES, GIVES = "numbers", "same"
ANY_RANK = True


def fit(values: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Mean and deviation of every column; a column that never changes is only moved to 0."""
    import numpy as np

    values = values.reshape(-1, values.shape[-1]) if values.ndim > 2 else values
    constant = values.min(axis=0) == values.max(axis=0)  # rounding can leave such a deviation above zero
    mean = np.where(constant, values[0], values.mean(axis=0))
    return {"mean": mean, "deviation": np.where(constant, 1.0, values.std(axis=0))}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """The values in deviations from the mean."""
    scaled: np.ndarray[Any, Any] = (values - state["mean"]) / state["deviation"]
    return scaled


def unapply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """The values in their own unit."""
    own: np.ndarray[Any, Any] = values * state["deviation"] + state["mean"]
    return own


def join(keras: Any, values: Any, state: Mapping[str, Any]) -> Any:  # noqa: ARG001  tensors know the operators
    """As `apply`, of tensors."""
    return apply(values, state)


def unjoin(keras: Any, values: Any, state: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """As `unapply`, of tensors."""
    return unapply(values, state)


def width(settings: Mapping[str, Any], column_count: int) -> int | None:  # noqa: ARG001  all have one form
    """One column for each."""
    return column_count
