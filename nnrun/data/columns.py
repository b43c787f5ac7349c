"""Columns of a table as a matrix of numbers or of categories, with every bad cell named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nnrun.data.categories import as_text
from nnrun.data.dataset import Dataset, row_name, row_names
from nnrun.errors import DataError, Where, did_you_mean, listing

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def require_columns(dataset: Dataset, names: Sequence[str], where: Where | None = None) -> pd.DataFrame:
    """The table, once it is known to have all these columns."""
    if dataset.columns is None:
        raise DataError(
            f"the source has no columns, so none is called {names[0]!r}",
            where=where,
            expected=f"its own inputs: {listing(sorted(dataset.arrays))}",
            hint="take `features` away",
        )
    present = [str(name) for name in dataset.columns.columns]
    for name in names:
        if name not in present:
            hint = did_you_mean(name, present)
            raise DataError(
                f"there is no column {name!r}",
                where=where,
                expected=f"one of {listing(present, 30)}",
                hint=hint,
            )
    return dataset.columns


def is_number(column: pd.Series[Any]) -> bool:
    """Whether a column was read as numbers; true and false are 1 and 0."""
    import pandas as pd

    return bool(pd.api.types.is_numeric_dtype(column))


def numbers(dataset: Dataset, names: Sequence[str], step: str, where: Where | None = None) -> np.ndarray[Any, Any]:
    """float64 (rows, columns), NaN where blank; text and infinities are refused."""
    import numpy as np
    import pandas as pd

    table = require_columns(dataset, names, where)
    matrix = np.empty((dataset.size, len(names)), dtype=np.float64)
    for place, name in enumerate(names):
        column = table[name]
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        texts = np.flatnonzero(np.isnan(values) & column.notna().to_numpy())
        if len(texts):
            row = int(texts[0])
            raise DataError(
                f"the column {name!r} holds text, {str(column.iloc[row])!r} in "
                f"{row_name(row, dataset.lines)}, "
                f"and {step} takes numbers ({len(texts):,} of {dataset.size:,} rows)",
                where=where,
                expected="numbers",
                hint="use one_hot or index for text; name texts that mean a blank in `na_values`",
            )
        endless = np.flatnonzero(np.isinf(values))
        if len(endless):
            raise DataError(
                f"the column {name!r} holds infinities, in {row_names(endless, dataset.lines)}",
                where=where,
                expected="finite numbers",
                hint="mend these rows in the file",
            )
        matrix[:, place] = values
    return matrix


def categories(dataset: Dataset, names: Sequence[str], where: Where | None = None) -> np.ndarray[Any, Any]:
    """Object array (rows, columns) of text, None where blank."""
    import numpy as np

    table = require_columns(dataset, names, where)
    return np.stack([as_text(table[name].to_numpy(dtype=object)) for name in names], axis=1)
