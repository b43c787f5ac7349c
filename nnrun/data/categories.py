"""Values as the text of a category, so that 3, 3.0 and "3" are one class in every file that holds them."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def as_text(values: Any) -> np.ndarray[Any, Any]:
    """One column of anything as an object array of text; blanks are None."""
    import numpy as np
    import pandas as pd

    codes, uniques = pd.factorize(np.asarray(values, dtype=object))
    texts = np.array([*(text_of(value) for value in uniques), None], dtype=object)
    return np.asarray(texts[codes], dtype=object)  # the code of a blank is -1: the None at the end


def text_of(value: Any) -> str | None:
    """One value as a category; a number without a fraction reads as an integer."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if isinstance(value, str):
        return value or None
    if isinstance(value, Integral) or not hasattr(value, "__float__"):
        return str(value)  # also True and False, and integers too large for a float
    number = float(value)
    if number != number:
        return None
    return str(int(value)) if number.is_integer() else repr(number)


def blank_labels(labels: np.ndarray[Any, Any]) -> str:
    """How many rows have no class, in words; empty where all have one, so that they can be stratified."""
    import pandas as pd

    count = int(pd.isna(labels).sum())
    return f"{count:,} row{' has' if count == 1 else 's have'} no class" if count else ""


def in_order(texts: Iterable[str]) -> list[str]:
    """Distinct categories sorted, by value where all of them are numbers."""
    distinct = sorted(set(texts))
    try:
        return sorted(distinct, key=float)
    except ValueError:
        return distinct


def positions(texts: np.ndarray[Any, Any], known: Iterable[str]) -> np.ndarray[Any, Any]:
    """The place of every text in `known`, int64; -1 for a text that is not there."""
    import numpy as np

    places = {text: place for place, text in enumerate(known)}
    return np.fromiter((places.get(text, -1) for text in texts), dtype=np.int64, count=len(texts))
