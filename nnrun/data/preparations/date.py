"""Dates and times as numbers: the year, the month, the day of the week, ..."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnrun.data.unusable import UnusableError
from nnrun.errors import DataError, listing

if TYPE_CHECKING:
    import numpy as np

TAKES, GIVES = "categories", "numbers"

# What a part counts: from which number on, and after how many it begins again; None never.
_PARTS: dict[str, tuple[int, int | None]] = {
    "year": (0, None),
    "month": (1, 12),
    "day": (1, 31),
    "day_of_week": (0, 7),
    "day_of_year": (1, 366),
    "hour": (0, 24),
    "minute": (0, 60),
}


def fit(
    values: np.ndarray[Any, Any],
    *,
    parts: list[str] | None = None,
    cyclic: bool = False,
    format: str | None = None,  # noqa: A002  the name that pandas gives it
) -> dict[str, Any]:
    """Nothing; the settings say it.

    Args:
        values: Text, such as 2024-02-29 or 2024-02-29 13:45.
        parts: Of year, month, day, day_of_week (Monday is 0), day_of_year, hour, minute; by default year, month and
            day_of_week.
        cyclic: Gives each part that begins again as sine and cosine, so that December lies beside January.
        format: How a date is written, such as "%d.%m.%Y"; by default as ISO 8601.
    """
    chosen = parts or ["year", "month", "day_of_week"]
    for part in chosen:
        if part not in _PARTS:
            raise DataError(f"a date has no part {part!r}", expected=f"some of {listing(list(_PARTS))}")
    found = width({"parts": chosen, "cyclic": cyclic}, values.shape[1])
    return {"parts": list(chosen), "cyclic": cyclic, "format": format, "width": found}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """The parts side by side, column after column; a text that is no date is refused."""
    import numpy as np
    import pandas as pd

    found = []
    for place, column in enumerate(values.T):
        dates = pd.to_datetime(pd.Series(column, dtype=object), format=state["format"] or "ISO8601", errors="coerce")
        bad = np.flatnonzero(dates.isna().to_numpy())
        if len(bad):
            wrong = np.zeros(values.shape, bool)
            wrong[bad, place] = True
            raise UnusableError(
                f"{column[bad[0]]!r} is no date" if column[bad[0]] is not None else "a date is blank",
                wrong,
                expected=f"a date in the form {state['format'] or '2024-02-29'} in every row",
                hint="" if state["format"] else "say how dates are written: `date: {columns: ..., format: '%d.%m.%Y'}`",
            )
        for part in state["parts"]:
            first, period = _PARTS[part]
            numbers = getattr(dates.dt, part).to_numpy(dtype=np.float64)
            if state["cyclic"] and period is not None:
                angle = 2 * np.pi * (numbers - first) / period
                found += [np.sin(angle), np.cos(angle)]
            else:
                found.append(numbers)
    return np.column_stack(found)


def width(settings: Mapping[str, Any], column_count: int) -> int | None:
    """A column for each part, two where it is cyclic."""
    parts = settings.get("parts") or ["year", "month", "day_of_week"]
    cyclic = settings.get("cyclic", False)
    each = sum(2 if cyclic and _PARTS.get(part, (0, None))[1] is not None else 1 for part in parts)
    return column_count * each
