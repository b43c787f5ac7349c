"""Numbers held between two bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

TAKES, GIVES = "numbers", "same"
ANY_RANK = True


def fit(
    values: np.ndarray[Any, Any],  # noqa: ARG001  nothing is learned
    *,
    minimum: float | None = None,
    maximum: float | None = None,
) -> dict[str, Any]:
    """Nothing; the settings say it.

    Args:
        values: Numbers of any shape.
        minimum: What is smaller becomes this.
        maximum: What is larger becomes this.
    """
    if minimum is None and maximum is None:
        raise DataError("clip has no bound", expected="`minimum`, `maximum`, or both")
    if minimum is not None and maximum is not None and minimum >= maximum:
        raise DataError(f"clip from {minimum:g} to {maximum:g}", expected="a minimum below the maximum")
    bounds = {"minimum": minimum, "maximum": maximum}
    return {name: float(value) for name, value in bounds.items() if value is not None}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """The values within the bounds; a blank stays one."""
    import numpy as np

    return np.asarray(np.clip(values, state.get("minimum"), state.get("maximum")))


def join(keras: Any, values: Any, state: Mapping[str, Any]) -> Any:
    """As `apply`, of tensors."""
    if "minimum" in state:
        values = keras.ops.maximum(values, state["minimum"])
    return keras.ops.minimum(values, state["maximum"]) if "maximum" in state else values


def width(settings: Mapping[str, Any], column_count: int) -> int | None:  # noqa: ARG001  all have one form
    """One column for each."""
    return column_count
