"""Categories as integers, for an `Embedding` in the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnrun.data.categories import in_order, positions
from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

TAKES, GIVES = "categories", "ids"
FIRST = 1  # the number of the vocabulary's first value: 0 is unknown


def fit(values: np.ndarray[Any, Any], *, max_tokens: int | None = None) -> dict[str, Any]:
    """The known categories, sorted; columns of one entry share them.

    Args:
        values: Text, None where blank.
        max_tokens: The largest number of ids, the unknown one among them: the rarest values are left out,
            and `vocabulary_size` is this number.
    """
    if max_tokens is not None and max_tokens < 2:
        raise DataError(f"max_tokens is {max_tokens}", expected="at least 2: the unknown and one known value")
    counts = Counter(text for text in values.ravel() if text is not None)
    most = len(counts) if max_tokens is None else max_tokens - 1
    kept = sorted(counts, key=lambda text: (-counts[text], text))[:most]
    return {"vocabulary": in_order(kept), "vocabulary_size": max_tokens or len(kept) + 1}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """1, 2, ... for the known categories, 0 for blanks and for all that the training rows do not hold."""
    import numpy as np

    places = positions(values.ravel(), state["vocabulary"]) + 1
    return places.reshape(values.shape).astype(np.int32)


def unseen(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """Where a value has the id 0 (rows, columns)."""
    found: np.ndarray[Any, Any] = apply(values, state) == 0
    return found


def join(keras: Any, values: Any, state: Mapping[str, Any]) -> Any:
    """As `apply`, of columns that tell their places in a vocabulary."""
    ids = [column.places(state["vocabulary"]) + 1 for column in values]
    return keras.ops.concatenate(ids, axis=1) if len(ids) > 1 else ids[0]


def width(settings: Mapping[str, Any], column_count: int) -> int | None:  # noqa: ARG001  all have one form
    """One column for each."""
    return column_count
