"""The columns of a table as they are: types, blanks, ranges, the most frequent values."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nnrun.data.columns import is_number, not_numbers
from nnrun.data.dataset import Dataset

if TYPE_CHECKING:
    import numpy as np

MOST_VALUES = 5  # of a column of texts, the most frequent ones
NAMES = 0.5  # of the rows: a column of more different texts names the rows
MANY_BLANKS = 0.5


@dataclass(frozen=True)
class Column:
    """One column: `blanks` and `total` are of all rows of the table, everything else is of the training rows.

    `goes` says into which input, through what; `finding` what is strange about it, or nothing.
    """

    name: str
    type: str  # "whole number", "number", "yes or no" or "text"
    goes: str
    blanks: int
    total: int
    distinct: int
    minimum: float | None = None
    mean: float | None = None
    median: float | None = None
    maximum: float | None = None
    values: tuple[tuple[str, int], ...] = ()
    finding: str = ""

    @property
    def is_text(self) -> bool:
        return self.type == "text"


def columns(
    dataset: Dataset,
    records: np.ndarray[Any, Any],
    goes: Mapping[str, str],
    inputs: Set[str] = frozenset(),
    categories: Set[str] = frozenset(),
) -> tuple[Column, ...]:
    """What is in each column.

    Args:
        dataset: All rows.
        records: The rows of the table that train.
        goes: By column what uses it.
        inputs: Columns that a model looks at, about which something may be strange.
        categories: Those of them of which every value is a category.
    """
    if dataset.columns is None:
        return ()
    found = []
    for name in map(str, dataset.columns.columns):
        column = _column(dataset, name, records, goes.get(name, ""))
        told = _finding(dataset.columns[name].iloc[records].dropna(), len(records), name in categories)
        found.append(replace(column, finding=told if name in inputs else ""))
    return tuple(found)


def _column(dataset: Dataset, name: str, records: np.ndarray[Any, Any], goes: str) -> Column:
    import numpy as np
    import pandas as pd

    assert dataset.columns is not None
    whole = dataset.columns[name]
    present = whole.iloc[records].dropna()
    counts = present.value_counts()
    told: dict[str, Any] = {
        "name": name, "goes": goes, "blanks": int(whole.isna().sum()), "total": len(whole), "distinct": len(counts),
    }  # fmt: skip
    if not is_number(whole) and (not len(present) or not_numbers(dataset, name) is not None):
        values = tuple((str(value), int(count)) for value, count in counts.head(MOST_VALUES).items())
        return Column(type="text", values=values, **told)
    numbers = pd.to_numeric(present).to_numpy(dtype=np.float64)
    kind = "yes or no" if pd.api.types.is_bool_dtype(whole.dtype) else "number"
    if kind == "number" and len(numbers) and bool((numbers == np.floor(numbers)).all()):
        kind = "whole number"
    if not len(numbers):
        return Column(type=kind, **told)
    told |= {"minimum": float(numbers.min()), "mean": float(numbers.mean())}
    return Column(type=kind, **told, median=float(np.median(numbers)), maximum=float(numbers.max()))


def _finding(present: Any, rows: int, is_category: bool) -> str:
    """What is strange about the training rows' values of one column that a model looks at."""
    distinct = present.nunique()
    if distinct < 2:
        return "blank in every training row" if distinct == 0 else "the same in every training row: it tells nothing"
    if len(present) < (1 - MANY_BLANKS) * rows:
        return f"blank in {1 - len(present) / rows:.0%} of the training rows"
    if is_number(present):
        steps = present.sort_index().diff().dropna()
        whole = distinct == rows > 20 and bool((present % 1 == 0).all())
        if whole and bool((steps > 0).all()) and int(present.max() - present.min()) <= 2 * rows:
            return "it counts the rows: it names them, and tells nothing of others"
        return ""
    if is_category and distinct > NAMES * len(present) and len(present) > 20:
        return f"{distinct:,} different texts in {len(present):,} training rows: it names them"
    return ""
