"""Columns of a table as a matrix of numbers or of categories, with every bad cell named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnrun.data.categories import as_text
from nnrun.data.dataset import Dataset, row_name, row_names
from nnrun.errors import DataError, Where, did_you_mean, listing

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MOST_ERRORS = 0.05  # a column with no more texts than this is numbers with typing errors


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


@dataclass(frozen=True)
class NotNumbers:
    """The texts of a column that is to be numbers."""

    texts: int
    numbers: int
    example: str  # the first of them, and where it stands

    @property
    def few(self) -> bool:
        """Whether they look like errors in a column of numbers, and not like a column of text."""
        return self.texts <= MOST_ERRORS * (self.texts + self.numbers)

    @property
    def mend(self) -> str:
        """What to do about them in the data."""
        return "mend the cell, or name the text in `na_values` where it means a blank"


def not_numbers(dataset: Dataset, name: str) -> NotNumbers | None:
    """What is no number among the filled cells of a column of the table; None where all are."""
    import numpy as np
    import pandas as pd

    assert dataset.columns is not None
    column = dataset.columns[name]
    if is_number(column):
        return None
    codes, distinct = pd.factorize(column)
    wrong = pd.to_numeric(pd.Series(np.asarray(distinct, dtype=object)), errors="coerce").isna().to_numpy()
    texts = np.flatnonzero(np.append(wrong, False)[codes])  # the code of a blank is -1
    if not len(texts):
        return None
    row = int(texts[0])
    example = f"{str(column.iloc[row])!r} in {row_name(row, dataset.lines)}"
    return NotNumbers(len(texts), int((codes >= 0).sum()) - len(texts), example)


def numbers(dataset: Dataset, names: Sequence[str], step: str, where: Where | None = None) -> np.ndarray[Any, Any]:
    """float64 (rows, columns), NaN where blank; text and infinities are refused."""
    import numpy as np
    import pandas as pd

    table = require_columns(dataset, names, where)
    matrix = np.empty((len(table), len(names)), dtype=np.float64)
    for place, name in enumerate(names):
        texts = not_numbers(dataset, name)
        if texts is not None:
            text_hint = "use one_hot or index for text; name texts that mean a blank in `na_values`"
            raise DataError(
                f"the column {name!r} holds text, {texts.example}, "
                f"and {step} takes numbers ({texts.texts:,} of {dataset.size:,} rows)",
                where=where,
                expected="numbers",
                hint=texts.mend if texts.few else text_hint,
            )
        values = pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
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
