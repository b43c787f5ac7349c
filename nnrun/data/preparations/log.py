"""The natural logarithm, for amounts that span several powers of ten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnrun.data.unusable import UnusableError

if TYPE_CHECKING:
    import numpy as np

TAKES, GIVES = "numbers", "same"
ANY_RANK = True


def fit(values: np.ndarray[Any, Any], *, offset: float = 0.0) -> dict[str, Any]:  # noqa: ARG001
    """Nothing; the settings say it.

    Args:
        values: Numbers of any shape.
        offset: What is added before; 1 where zeros occur.
    """
    return {"offset": float(offset)}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """log(value + offset); a value that has no logarithm is refused."""
    import numpy as np

    moved = values + state["offset"]
    bad = ~(moved > 0) & ~np.isnan(moved)
    if bad.any():
        least = 0.0 - state["offset"]  # and no -0
        raise UnusableError(
            f"the logarithm of {float(values[bad][0]):g}",
            bad,
            expected=f"numbers above {least:g}",
            hint="write `log: {columns: ..., offset: 1}` where zeros occur" if not state["offset"] else "",
        )
    found: np.ndarray[Any, Any] = np.log(moved)
    return found


def unapply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """The amounts themselves."""
    import numpy as np

    with np.errstate(over="ignore"):
        found: np.ndarray[Any, Any] = np.exp(values) - state["offset"]
    return found


def join(keras: Any, values: Any, state: Mapping[str, Any]) -> Any:
    """As `apply`, of tensors; what has no logarithm becomes NaN or infinite."""
    return keras.ops.log(values + state["offset"])


def unjoin(keras: Any, values: Any, state: Mapping[str, Any]) -> Any:
    """As `unapply`, of tensors."""
    return keras.ops.exp(values) - state["offset"]


def width(settings: Mapping[str, Any], column_count: int) -> int | None:  # noqa: ARG001  all have one form
    """One column for each."""
    return column_count
