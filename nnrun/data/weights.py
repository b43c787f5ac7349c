"""How much each row counts in training, where a column or an array says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnrun.data.dataset import Dataset, row_names
from nnrun.errors import DataError, Where

if TYPE_CHECKING:
    import numpy as np


def row_weights(dataset: Dataset, name: str, where: Where | None = None) -> np.ndarray[Any, Any]:
    """The weight of every row, float32; every one a finite number from 0."""
    import numpy as np
    import pandas as pd

    values = dataset.single(name, "weight", "a column, or an array with one number a row", where)
    weights = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(dtype=np.float64)
    strange = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if len(strange):
        raise DataError(
            f"the weight {name!r} is no number from 0 in {row_names(strange, dataset.row_lines)}",
            where=where,
            expected="a number in every row; a row with 0 does not count",
        )
    return weights.astype(np.float32)
