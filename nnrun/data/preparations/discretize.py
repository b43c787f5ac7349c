"""A number as the bin that it falls into, a column of 0 and 1 for every bin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

TAKES, GIVES = "numbers", "numbers"


def fit(values: np.ndarray[Any, Any], *, num_bins: int) -> dict[str, Any]:
    """The edges between the bins of every column, such that each bin holds as many training rows as the others.

    Args:
        values: Numbers.
        num_bins: How many bins; the first and the last reach without end.
    """
    import numpy as np

    if num_bins < 2:
        raise DataError(f"num_bins is {num_bins}", expected="at least 2")
    shares = np.arange(1, num_bins) / num_bins
    return {"edges": np.quantile(values, shares, axis=0).T, "width": values.shape[1] * num_bins}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """The columns side by side, in each a 1 at the bin."""
    import numpy as np

    blocks = []
    for column, edges in zip(values.T, state["edges"], strict=True):
        places = np.searchsorted(edges, column, side="right")
        blocks.append(np.eye(len(edges) + 1)[places])
    return np.concatenate(blocks, axis=1)


def join(keras: Any, values: Any, state: Mapping[str, Any]) -> Any:
    """As `apply`, of tensors."""
    ops, blocks = keras.ops, []
    for place, edges in enumerate(state["edges"]):
        passed = ops.cast(ops.greater_equal(values[:, place : place + 1], edges[None].astype(values.dtype)), "int32")
        blocks.append(ops.one_hot(ops.sum(passed, axis=1), len(edges) + 1))
    return ops.concatenate(blocks, axis=1) if len(blocks) > 1 else blocks[0]


def width(settings: Mapping[str, Any], column_count: int) -> int | None:
    """A place for every bin of every column."""
    count = settings.get("num_bins")
    return column_count * count if isinstance(count, int) else None
