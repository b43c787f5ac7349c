"""What all sources of tables share: texts that are blanks, cells with other values, rows that are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.data.bad import BadRow
from nnrun.data.categories import as_text, text_of
from nnrun.data.dataset import Dataset
from nnrun.errors import DataError, SettingError, did_you_mean, listing

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True)
class Cells:
    """Settings of every source of tables, in the order in which they act.

    `strip` takes blanks away from both ends of texts, `na_values` are texts that mean a blank, `values` maps a column
    to other values for some of its cells, `where` keeps the rows whose columns have a value, or one of a list, and
    `limit` the first of these.
    """

    strip: bool = False
    na_values: Sequence[Any] | None = None
    values: Mapping[str, Any] | None = None
    where: Mapping[str, Any] | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 1:
            raise SettingError(f"limit is {self.limit}", expected="a whole number from 1")

    @property
    def blanks(self) -> list[str]:
        """The texts that mean a blank, the empty one among them."""
        return ["", *(str(value) for value in self.na_values or [])]

    def check(self, columns: Sequence[str]) -> None:
        """Raises SettingError for columns that are not there, and for what is no mapping of values."""
        for setting, by_column in (("values", self.values), ("where", self.where)):
            for name in by_column or {}:
                if str(name) not in columns:
                    raise SettingError(
                        f"`{setting}` names the column {str(name)!r}, which is not there",
                        expected=f"one of {listing(list(columns), 30)}",
                        hint=did_you_mean(str(name), columns),
                    )
        for name, mapping in (self.values or {}).items():
            if not isinstance(mapping, Mapping):
                what, expected = f"`values` of {str(name)!r} is {mapping!r}", '{OLD: NEW}, such as {">50K.": ">50K"}'
                raise SettingError(what, expected=expected)

    def apply(self, table: pd.DataFrame, *, numbers: bool = False) -> pd.DataFrame:
        """The table with its cells as these settings want them; with `numbers`, what blanks had hidden is numbers."""
        import pandas as pd

        changed: dict[str, Any] = {}
        for name in (str(name) for name in table.columns):
            column = table[name]
            if (self.strip or self.na_values) and not pd.api.types.is_numeric_dtype(column):
                changed[name] = column = self._cleaned(column, numbers)
            mapping = {str(key): value for key, value in (self.values or {}).items()}.get(name)
            if mapping:
                changed[name] = _mapped(column, mapping)
        return table.assign(**changed) if changed else table

    def kept(self, table: pd.DataFrame) -> np.ndarray[Any, Any] | None:
        """The numbers of the rows that `where` and `limit` keep; None for all."""
        import numpy as np

        if not self.where:
            return None if self.limit is None or self.limit >= len(table) else np.arange(self.limit)
        keep = np.ones(len(table), dtype=bool)
        for name, wanted in self.where.items():
            texts = as_text(table[str(name)].to_numpy(dtype=object))
            known = {text_of(value) if value is not None else None for value in _listed(wanted)}
            keep &= np.fromiter((text in known for text in texts), dtype=bool, count=len(texts))
        return np.flatnonzero(keep)[: self.limit]

    def _cleaned(self, column: pd.Series[Any], numbers: bool) -> pd.Series[Any]:
        """Text without blanks at its ends, and without those that mean a blank."""
        import pandas as pd

        text = column.astype(object)
        if self.strip:
            text = text.map(lambda cell: cell.strip() if isinstance(cell, str) else cell)
        text = text.mask(text.isin(self.blanks), other=float("nan"))
        parsed = pd.to_numeric(text, errors="coerce") if numbers else None
        return parsed if parsed is not None and bool((parsed.notna() == text.notna()).all()) else text


def dataset(
    table: pd.DataFrame,
    cells: Cells,
    path: Path,
    *,
    lines: np.ndarray[Any, Any] | None = None,
    bad: tuple[BadRow, ...] = (),
    selection: str = "",
    classes: Mapping[str, tuple[str, ...]] | None = None,
) -> Dataset:
    """The rows of a table that are kept; DataError where none is.

    `lines` are those of all rows of the table; without them, rows are named by their place.
    """
    import numpy as np

    keep = cells.kept(table)
    if keep is not None:
        if lines is None and (cells.where or bad):
            lines = np.char.add("row ", np.arange(len(table)).astype(str))
        table = table.iloc[keep].reset_index(drop=True)
        lines = None if lines is None else lines[keep]
    if not len(table):
        first = f", the first: {bad[0]}" if bad else ""
        left = f"all {len(bad):,} rows are left out{first}" if bad else "the file holds no rows"
        what = f"no row has {_told(cells.where)}" if cells.where else left
        raise DataError(f"{path}: {what}", expected="at least one row of data", hint=bad[0].hint if bad else "")
    return Dataset(
        size=len(table),
        columns=table,
        files=(path,),
        lines=lines,
        selection=selection,
        bad=bad,
        classes=dict(classes or {}),
        description=f"table {path.name}" + (f" {selection}" if selection else ""),
    )


def _mapped(column: pd.Series[Any], mapping: Mapping[Any, Any]) -> pd.Series[Any]:
    """A column in which some values are others; columns of numbers stay numbers where all of the new ones are."""
    import pandas as pd

    new = {text_of(key): value for key, value in mapping.items()}
    cells = [new.get(text, cell) for text, cell in zip(as_text(column.to_numpy(dtype=object)), column, strict=True)]
    return pd.Series(cells, index=column.index, dtype=object).infer_objects()


def _listed(wanted: Any) -> list[Any]:
    return list(wanted) if isinstance(wanted, list | tuple) else [wanted]


def _told(where: Mapping[str, Any]) -> str:
    return " and ".join(
        f"{name} {' or '.join(str(value) for value in _listed(wanted))}" for name, wanted in where.items()
    )
