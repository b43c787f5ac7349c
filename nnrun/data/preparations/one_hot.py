"""A column of 0 and 1 for every category."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnrun.data.categories import in_order, positions

if TYPE_CHECKING:
    import numpy as np

TAKES, GIVES = "categories", "numbers"


def fit(values: np.ndarray[Any, Any], *, num_oov_indices: int = 0) -> dict[str, Any]:
    """The categories of every column, sorted; a blank that was seen is the category "".

    Args:
        values: Text, None where blank.
        num_oov_indices: 1 gives every column one more place, for values that the training rows do not hold;
            with 0 such a value is zeros everywhere.
    """
    known = [in_order(text or "" for text in column) for column in values.T]
    return {"vocabularies": known, "num_oov_indices": int(bool(num_oov_indices))}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """The columns side by side, in each the unknown first where it has a place."""
    import numpy as np

    extra = state["num_oov_indices"]
    blocks = []
    for column, known in zip(values.T, state["vocabularies"], strict=True):
        places = positions(np.array([text or "" for text in column], dtype=object), known) + extra
        block = np.zeros((len(values), len(known) + extra), dtype=np.float64)
        rows = np.flatnonzero(places >= 0)
        block[rows, places[rows]] = 1.0
        blocks.append(block)
    return np.concatenate(blocks, axis=1)


def unseen(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """Where a value has no place of its own (rows, columns)."""
    import numpy as np

    known = zip(values.T, state["vocabularies"], strict=True)
    texts = [(np.array([text or "" for text in column], dtype=object), vocabulary) for column, vocabulary in known]
    return np.stack([positions(column, vocabulary) < 0 for column, vocabulary in texts], axis=1)


def join(keras: Any, values: Any, state: Mapping[str, Any]) -> Any:
    """As `apply`, of columns that tell their places in a vocabulary."""
    ops, extra = keras.ops, state["num_oov_indices"]
    known = zip(values, state["vocabularies"], strict=True)
    blocks = [ops.one_hot(column.places(names)[:, 0] + extra, len(names) + extra) for column, names in known]
    return ops.concatenate(blocks, axis=1) if len(blocks) > 1 else blocks[0]


def width(settings: Mapping[str, Any], column_count: int) -> int | None:  # noqa: ARG001  all have one form
    """Known with the data."""
    return None
