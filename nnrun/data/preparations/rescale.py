"""Numbers times a factor, plus an offset: another unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

TAKES, GIVES = "numbers", "same"
ANY_RANK = True


def fit(values: np.ndarray[Any, Any], *, scale: float = 1.0, offset: float = 0.0) -> dict[str, Any]:  # noqa: ARG001
    """Nothing; the settings say it, as for Keras' `Rescaling`.

    Args:
        values: Numbers of any shape.
        scale: What they are multiplied by, such as 1e-5 for prices in 100,000.
        offset: What is added then.
    """
    if not scale:
        raise DataError("the scale is 0, and every value would be the same", expected="a number other than 0")
    return {"scale": float(scale), "offset": float(offset)}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """The values in the other unit."""
    scaled: np.ndarray[Any, Any] = values * state["scale"] + state["offset"]
    return scaled


def unapply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """The values in their own unit."""
    own: np.ndarray[Any, Any] = (values - state["offset"]) / state["scale"]
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
