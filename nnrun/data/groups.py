"""Rows that belong together, such as those of one patient: the column that tells it, and parts of whole groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnrun.data.categories import as_text
from nnrun.data.dataset import Dataset, row_names
from nnrun.errors import DataError, Where

if TYPE_CHECKING:
    import numpy as np


def group_column(dataset: Dataset, column: str, where: Where | None = None) -> np.ndarray[Any, Any]:
    """The group of every row; a blank is refused, since nobody can tell which rows it belongs to."""
    import numpy as np
    import pandas as pd

    groups = dataset.single(column, "group column", "a table, or an array with one value a row", where)
    blank = np.flatnonzero(pd.isna(groups))
    if len(blank):
        raise DataError(
            f"the group column {column!r} is blank in {row_names(blank, dataset.row_lines)}",
            where=where,
            expected="a group in every row",
            hint="fill these cells in; a row that stands alone is a group of its own",
        )
    # Text and numbers in one column have no order, which scikit-learn would ask for.
    return np.asarray(groups) if pd.api.types.is_numeric_dtype(groups) else as_text(groups)


def draw_groups(
    pool: np.ndarray[Any, Any], count: int, groups: np.ndarray[Any, Any], seed: int, part: str
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The rows that are left and those of a part, drawn as `GroupShuffleSplit` does.

    It counts groups: `count` of the rows become the same share of the groups, to the nearest, at least one and not
    all. So the part has `count` rows where the groups are of one size, and about as many where they are not.
    """
    import numpy as np
    from sklearn.model_selection import GroupShuffleSplit

    found = len(np.unique(groups[pool]))
    wanted = min(max(1, round(count * found / max(len(pool), 1))), found - 1)
    if wanted < 1:
        raise DataError(
            f"{count:,} of {len(pool):,} rows for {part} are of one group, and none is left to train on",
            expected="at least one whole group in every part",
            hint="make the part smaller or take fewer folds; more groups in the data help most",
        )
    drawn = GroupShuffleSplit(n_splits=1, test_size=wanted, random_state=seed)
    rest, chosen = next(drawn.split(pool, groups=groups[pool]))
    return pool[rest], pool[chosen]
