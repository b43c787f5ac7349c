"""A dataset whose training rows are as they were, and all others drawn anew."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nnrun.data.dataset import Dataset
from nnrun.data.rows import Rows

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def changed(
    dataset: Dataset,
    train: np.ndarray[Any, Any],
    classes: Set[str],
    seed: int,
    *,
    held_out: np.ndarray[Any, Any] | None = None,
    unseen: bool = True,
) -> Dataset:
    """Every row but those in `train` has other inputs and other answers, of types that the column or array had.

    Args:
        dataset: All rows.
        train: The numbers of the rows that stay.
        classes: Columns and arrays that are targets of classes, which get no class that no training row has.
        seed: Of what is drawn.
        held_out: The numbers of rows that are scored. What such windows answer is changed even where a training window
            holds it, so that this shows.
        unseen: Whether numbers get far beyond those of the training rows and texts are new; else every value is that of
            some training row.
    """
    import numpy as np

    draw = np.random.default_rng(seed)
    kept = np.unique(train)
    columns = dataset.columns
    if columns is not None:
        records = dataset.records(kept)
        if dataset.windows is not None and held_out is not None:
            records = np.setdiff1d(records, dataset.windows.answered(held_out))
        known = {name: unseen and str(name) not in classes for name in columns.columns}
        columns = columns.assign(
            **{str(name): _column(columns[name], records, draw, unseen=known[name]) for name in columns.columns}
        )

    def others(arrays: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: _array(array, kept, draw, unseen=unseen and name not in classes) for name, array in arrays.items()
        }

    arrays, targets = others(dataset.arrays), others(dataset.targets)
    return replace(dataset, columns=columns, arrays=arrays, targets=targets, opened={})


class ChangedRows(Rows):
    """Rows that are made when they are asked for, with noise in place of those that do not stay."""

    def __init__(self, rows: Rows, kept: np.ndarray[Any, Any], seed: int) -> None:
        self.rows, self.kept, self.seed = rows, kept, seed
        self.shape, self.dtype = rows.shape, rows.dtype

    def make(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        import numpy as np

        made = np.array(self.rows.make(numbers))
        for place in np.flatnonzero(~np.isin(numbers, self.kept)):
            draw = np.random.default_rng((self.seed, int(numbers[place])))
            made[place] = _moved(made[place], draw)
        return made


def _array(array: Any, kept: np.ndarray[Any, Any], draw: np.random.Generator, *, unseen: bool) -> Any:
    import numpy as np

    if isinstance(array, Rows):
        return ChangedRows(array, kept, int(draw.integers(2**31)))
    result = np.array(array)
    others = np.setdiff1d(np.arange(len(result)), kept)
    drawn = result[draw.choice(kept, len(others))]
    result[others] = _moved(drawn, draw) if unseen else drawn
    return result


def _column(column: pd.Series[Any], kept: np.ndarray[Any, Any], draw: np.random.Generator, *, unseen: bool) -> Any:
    """Blanks are drawn with the rest, so that columns without them stay so."""
    import numpy as np
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):  # the texts of a table in files, which takes no others
        column = column.astype(object)
    others = np.setdiff1d(np.arange(len(column)), kept)
    values = column.array[draw.choice(kept, len(others))].copy()
    if unseen and not pd.api.types.is_bool_dtype(column.dtype):
        present = np.flatnonzero(~pd.isna(values))
        if pd.api.types.is_numeric_dtype(column.dtype):
            drawn = np.asarray(values[present], dtype=column.dtype if isinstance(column.dtype, np.dtype) else None)
            values[present] = _moved(drawn, draw)
        elif len(present) and pd.to_numeric(pd.Series(values[present]), errors="coerce").isna().any():
            values[present] = np.array([f"unseen {number}" for number in range(len(present))], dtype=object)
    result = column.array.copy()
    result[others] = values
    return pd.Series(result, index=column.index)


def _moved(values: np.ndarray[Any, Any], draw: np.random.Generator) -> np.ndarray[Any, Any]:
    """Numbers from a fifth to five times what they were, so that signs stay; whole numbers stay whole."""
    import numpy as np

    if values.dtype.kind not in "iuf" or not values.size:
        return values
    with np.errstate(over="ignore", invalid="ignore"):
        moved = values.astype(np.float64) * draw.uniform(0.2, 5, size=values.shape)
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    whole = values.dtype.kind != "f" or bool((finite == np.floor(finite)).all())
    if values.dtype.kind != "f":
        limits = np.iinfo(values.dtype)
        moved = np.clip(moved, max(limits.min, -(2**53)), min(limits.max, 2**53))
    return np.asarray((np.rint(moved) if whole else moved).astype(values.dtype))
