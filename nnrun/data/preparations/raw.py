"""Numbers as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

TAKES, GIVES = "numbers", "same"
ANY_RANK = True


def fit(values: np.ndarray[Any, Any]) -> dict[str, Any]:  # noqa: ARG001  there is nothing to learn
    """Nothing."""
    return {}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:  # noqa: ARG001
    """The same values."""
    return values


def unapply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:  # noqa: ARG001
    """The same values."""
    return values


def join(keras: Any, values: Any, state: Mapping[str, Any]) -> Any:  # noqa: ARG001  tensors know the operators
    """As `apply`, of tensors."""
    return apply(values, state)


def unjoin(keras: Any, values: Any, state: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """As `unapply`, of tensors."""
    return unapply(values, state)


def width(settings: Mapping[str, Any], column_count: int) -> int | None:  # noqa: ARG001
    """One column for each."""
    return column_count
