"""Categories as integers by a hash of their text: no vocabulary, and a place for what was never seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zlib import crc32

from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

TAKES = "categories"


def gives(settings: Mapping[str, Any]) -> str:
    """Integers for an `Embedding`, or columns of 0 and 1."""
    return "numbers" if settings.get("output_mode") == "one_hot" else "ids"


def fit(values: np.ndarray[Any, Any], *, num_bins: int, output_mode: str = "int") -> dict[str, Any]:
    """Nothing; the hash knows every text.

    Args:
        values: Text, None where blank.
        num_bins: How many places, the one of blanks among them; texts that fall into the same one cannot be told apart.
        output_mode: "int" for an `Embedding`, or "one_hot" for a column of 0 and 1 a place.
    """
    if num_bins < 2:
        raise DataError(f"num_bins is {num_bins}", expected="at least 2: that of blanks and one more")
    if output_mode not in ("int", "one_hot"):
        raise DataError(f"output_mode is {output_mode!r}", expected="int or one_hot")
    wide = {"width": values.shape[1] * num_bins} if output_mode == "one_hot" else {}
    return {"num_bins": num_bins, "output_mode": output_mode, "vocabulary_size": num_bins, **wide}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """0 for a blank, 1 to num_bins - 1 for texts (CRC-32, the same on every machine)."""
    import numpy as np
    import pandas as pd

    count = state["num_bins"]
    codes, texts = pd.factorize(values.ravel())
    places = np.array([*(1 + crc32(str(text).encode()) % (count - 1) for text in texts), 0], dtype=np.int32)
    ids = places[codes].reshape(values.shape)
    if state["output_mode"] == "int":
        return np.asarray(ids)
    return np.eye(count)[ids].reshape(len(ids), -1)


def width(settings: Mapping[str, Any], column_count: int) -> int | None:
    """One column for each, or a place each."""
    count = settings.get("num_bins")
    if settings.get("output_mode") != "one_hot":
        return column_count
    return column_count * count if isinstance(count, int) else None
