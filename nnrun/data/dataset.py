"""What a source hands over: raw columns, raw arrays and raw targets of every row, nothing fitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True)
class Dataset:
    """Rows as they were read.

    A table has `columns` (the target's columns among them); a source of arrays has `arrays` (inputs) and
    `targets` by name, each with the rows on axis 0. `parts` holds row numbers of parts that the source itself
    brings, such as `test`. `classes` names the classes of a target that is stored as class numbers, or gives
    the order of the classes of a target that is stored as text. `scale` says by what an input is multiplied
    before the model sees it (pictures: 1/255). `target` is the name of the target where the source has one.
    `lines` are the lines of the file, counted from 1, that the rows of a table were read from. Arrays of a source that
    streams are `Rows`, of which any can be asked for.
    """

    size: int
    columns: pd.DataFrame | None = None
    arrays: Mapping[str, Any] = field(default_factory=dict)
    targets: Mapping[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scale: Mapping[str, float] = field(default_factory=dict)
    parts: Mapping[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    description: str = ""
    target: str | None = None
    lines: np.ndarray[Any, Any] | None = None

    @property
    def single(self) -> dict[str, Any]:
        """What has one value a row, by name: columns, and arrays of rank 1."""
        table = {} if self.columns is None else {str(name): self.columns[name] for name in self.columns.columns}
        return table | {name: array for name, array in self.arrays.items() if array.shape[1:] == ()}


@dataclass(frozen=True)
class Peek:
    """What a source's headers tell without reading the data; None wherever they do not tell it.

    `arrays` maps an input's name to the shape of one row; `columns` are a table's column names in order.
    `target` is the name of the target where the source itself has one, `num_classes` its number of classes; `targets`
    maps the name of a target that is an array to the shape of one row.
    """

    arrays: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)
    columns: tuple[str, ...] | None = None
    target: str | None = None
    targets: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)
    num_classes: int | None = None
    rows: int | None = None
    parts: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()  # files that are not there, as the config names them


def row_name(row: int, lines: np.ndarray[Any, Any] | None) -> str:
    """How messages name a row: by its line in the file where that is known, else counted from 0."""
    return f"row {row}" if lines is None else f"line {int(lines[row])}"


def row_names(rows: np.ndarray[Any, Any], lines: np.ndarray[Any, Any] | None, most: int = 5) -> str:
    """The first rows of a list of row numbers, and how many more there are."""
    shown = ", ".join(row_name(int(row), lines) for row in rows[:most])
    return shown + (f" and {len(rows) - most:,} more" if len(rows) > most else "")
