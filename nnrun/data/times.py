"""The time of every row, by a column: numbers, or dates that can be read in one way only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnrun.data.dataset import Dataset, row_names
from nnrun.errors import DataError, Where

if TYPE_CHECKING:
    import numpy as np


def time_column(dataset: Dataset, column: str, where: Where | None = None) -> np.ndarray[Any, Any]:
    """Numbers (rows,) that rise with the time; a blank and a text that is no date are refused."""
    import numpy as np
    import pandas as pd

    values = pd.Series(dataset.single(column, "time column", "a table, or an array with one value a row", where))
    values = values.reset_index(drop=True)
    _refuse(values.isna(), "is blank", column, dataset, where)
    if pd.api.types.is_datetime64_any_dtype(values):
        return np.asarray(values.astype("int64"))
    numbers = pd.to_numeric(values, errors="coerce")
    if not numbers.isna().any():
        return numbers.to_numpy()
    dates = _dates(values.astype(str))
    first = values[dates.isna()].iloc[0] if dates.isna().any() else ""
    _refuse(dates.isna(), f"holds {first!r}, which is no date,", column, dataset, where)
    return np.asarray(dates.astype("int64"))


def _dates(texts: Any) -> Any:
    """ISO 8601, else what reads the same, or only in one way, with the day first and with the month first."""
    import warnings

    import pandas as pd

    dates = pd.to_datetime(texts, format="ISO8601", errors="coerce", utc=True)
    if not dates.isna().any():
        return dates
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas tells that it guesses; both guesses are held against each other
        month, day = (pd.to_datetime(texts, errors="coerce", utc=True, dayfirst=first) for first in (False, True))
    if month.isna().any() and day.isna().any():
        return dates if dates.notna().any() else min(month, day, key=lambda read: int(read.isna().sum()))
    if month.isna().any() or day.isna().any() or (month == day).all():
        return day if month.isna().any() else month
    raise DataError(
        f"the dates of the time column, such as {texts[(month != day).to_numpy()].iloc[0]!r}, may begin with the day "
        "or with the month",
        expected="dates as 2024-02-29",
    )


def _refuse(bad: Any, what: str, column: str, dataset: Dataset, where: Where | None) -> None:
    import numpy as np

    rows = np.flatnonzero(np.asarray(bad))
    if len(rows):
        raise DataError(
            f"the time column {column!r} {what} in {row_names(rows, dataset.row_lines)}",
            where=where,
            expected="a number, or a date as 2024-02-29 or 2024-02-29 13:45, in every row",
        )
