"""Several categories as one: which values stand together in a row, hashed to a number of places."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any
from zlib import crc32

from nnrun.data.preparations import discretize
from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

TAKES, GIVES = "categories", "numbers"
COMBINES = True  # its columns may be inputs by themselves too


def fit(values: np.ndarray[Any, Any], *, crossing_dim: int = 32, num_bins: int | None = None) -> dict[str, Any]:
    """The bins of numbers, where they are asked for; else nothing, so that pairs never seen have a place too.

    Args:
        values: Text, None where blank.
        crossing_dim: How many places; pairs that fall into the same one cannot be told apart.
        num_bins: Numbers of more different values than this are put into so many bins first, as `discretize` does it.
    """
    if crossing_dim < 1:
        raise DataError(f"crossing_dim is {crossing_dim}", expected="at least 1")
    if num_bins is None:
        return {"width": crossing_dim}
    edges = [_edges(column, num_bins) for column in values.T]
    return {"width": crossing_dim, "edges": edges}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """A 1 at the place of the values that stand together."""
    import numpy as np

    known = state.get("edges") or [[]] * values.shape[1]
    columns = [_binned(column, edges) for column, edges in zip(values.T, known, strict=True)]
    joined = ["\x1f".join(row) for row in zip(*columns, strict=True)]
    places = np.array([crc32(text.encode()) % state["width"] for text in joined], dtype=np.int64)
    return np.eye(state["width"])[places]


def width(settings: Mapping[str, Any], column_count: int) -> int | None:  # noqa: ARG001  all have one form
    """One place each."""
    count = settings.get("crossing_dim", 32)
    return count if isinstance(count, int) else None


def _edges(column: np.ndarray[Any, Any], num_bins: int) -> list[float]:
    """The edges between the bins of a column of many numbers; none for a column of few, or of text."""
    if len({*column}) <= num_bins or not all(text is None or _is_number(text) for text in column):
        return []
    import numpy as np

    numbers = np.array([[float(text)] for text in column if text is not None])
    return [float(edge) for edge in discretize.fit(numbers, num_bins=num_bins)["edges"][0]]


def _binned(column: np.ndarray[Any, Any], edges: list[float]) -> list[str]:
    if not edges:
        return [text or "" for text in column]
    return [str(bisect_right(edges, float(text))) if text and _is_number(text) else "" for text in column]


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False
