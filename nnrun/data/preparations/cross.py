"""Several categories as one: which values stand together in a row, hashed to a number of places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zlib import crc32

from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

TAKES, GIVES = "categories", "numbers"
COMBINES = True  # its columns may be inputs by themselves too


def fit(values: np.ndarray[Any, Any], *, crossing_dim: int = 32) -> dict[str, Any]:
    """Nothing is learned: the place follows from the values, so that pairs never seen have one too.

    Args:
        values: Text, None where blank.
        crossing_dim: How many places; pairs that fall into the same one cannot be told apart.
    """
    if crossing_dim < 1:
        raise DataError(f"crossing_dim is {crossing_dim}", expected="at least 1")
    return {"width": crossing_dim}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """A 1 at the place of the values that stand together."""
    import numpy as np

    joined = ["\x1f".join(text or "" for text in row) for row in values]
    places = np.array([crc32(text.encode()) % state["width"] for text in joined], dtype=np.int64)
    return np.eye(state["width"])[places]


def width(settings: Mapping[str, Any], column_count: int) -> int | None:  # noqa: ARG001  all have one form
    """One place each."""
    count = settings.get("crossing_dim", 32)
    return count if isinstance(count, int) else None
