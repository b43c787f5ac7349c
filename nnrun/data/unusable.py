"""Values that a preparation cannot take, from their place in an array to their row and column in the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nnrun.config.config import Entry
from nnrun.data.dataset import Dataset, row_names
from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np


class UnusableError(DataError):
    """Raised by a preparation; `bad` (rows, ...) says where the values stand that it cannot take."""

    def __init__(self, what: str, bad: np.ndarray[Any, Any], *, expected: str = "", hint: str = "") -> None:
        super().__init__(what, expected=expected, hint=hint)
        self.bad = bad


@contextmanager
def named(dataset: Dataset, entry: Entry, rows: np.ndarray[Any, Any] | None = None) -> Iterator[None]:
    """What goes wrong inside is told with the entry's place in the config, and with rows and column of the data.

    `rows` are those of the table that the values come from; None: all of them.
    """
    import numpy as np

    try:
        yield
    except UnusableError as error:
        places = np.nonzero(error.bad)
        column = int(places[1][0]) if error.bad.ndim > 1 and error.bad.shape[1] == len(entry.columns) else 0
        found = np.unique(places[0])
        of_column = f", the column {entry.columns[column]!r} in "
        told = of_column + row_names(found if rows is None else rows[found], dataset.lines)
        problems = [replace(problem, what=problem.what + told) for problem in error.problems]
        raise DataError.of(problems).at(entry.where) from None
    except DataError as error:
        raise error.at(entry.where) from None
