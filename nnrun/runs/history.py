"""What happened epoch by epoch (`history.csv`) or step by step (`steps.csv`), as columns of numbers."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nnrun.errors import RunError, Where

Mode = Literal["min", "max"]


@dataclass(frozen=True)
class History:
    """Columns of equal length by name; a blank cell is NaN. Epochs and steps count from 1."""

    columns: dict[str, list[float]]

    @classmethod
    def read(cls, path: Path) -> History:
        """The rows of `path` before the first that is torn: a kill leaves it without its end, a power cut as zeros.

        Raises RunError with the line for a cell that is no number and a row of another length.
        """
        whole = path.read_bytes().partition(b"\0")[0].rpartition(b"\n")[0].decode("utf-8", "replace")
        rows = csv.reader(whole.splitlines())
        names = next(rows, [])
        columns: dict[str, list[float]] = {name: [] for name in names}
        for line, row in enumerate(rows, start=2):
            if len(row) != len(names):
                raise RunError(
                    f"a row of {len(row)} values under {len(names)} columns",
                    where=Where(str(path), line, 1),
                    hint="the file is damaged: remove this row to read the others",
                )
            for name, cell in zip(names, row, strict=True):
                columns[name].append(_number(cell, path, line, name))
        return cls(columns)

    @property
    def names(self) -> list[str]:
        """Every column, in the order of the file."""
        return list(self.columns)

    @property
    def epochs(self) -> list[int]:
        """The epoch of every row; without such a column, the rows counted from 1."""
        return [int(epoch) for epoch in self.columns.get("epoch", range(1, len(self) + 1))]

    @property
    def metrics(self) -> list[str]:
        """The columns that have a training or a validation value besides the loss, without `val_`."""
        other = ("epoch", "step", "seconds", "learning_rate", "loss")
        names = (name.removeprefix("val_") for name in self.columns)
        return [name for name in dict.fromkeys(names) if name not in other]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), []))

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def get(self, name: str) -> list[float] | None:
        """The column `name`, or None."""
        return self.columns.get(name)

    def best(self, monitor: str, mode: Mode) -> tuple[int, float] | None:
        """Epoch and value of the best row by `monitor`, the first of equals; None if none is finite."""
        pairs = zip(self.epochs, self.columns.get(monitor, []), strict=False)
        known = [(epoch, value) for epoch, value in pairs if math.isfinite(value)]
        if not known:
            return None
        return min(known, key=lambda pair: pair[1] if mode == "min" else -pair[1])


def _number(cell: str, path: Path, line: int, name: str) -> float:
    try:
        return float(cell) if cell.strip() else math.nan
    except ValueError:
        raise RunError(
            f"{cell!r} in column {name!r} is no number",
            where=Where(str(path), line, 1),
            hint="the file is damaged: remove this row to read the others",
        ) from None
