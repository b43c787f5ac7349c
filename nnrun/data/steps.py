"""One step after another: the form that each takes, and what the last one gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from nnrun.config.config import Entry
from nnrun.config.spec import Spec
from nnrun.data.categories import as_text
from nnrun.data.columns import categories, numbers
from nnrun.data.dataset import Dataset, row_names
from nnrun.data.features import preparation_module
from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np


def first_values(dataset: Dataset, entry: Entry) -> tuple[np.ndarray[Any, Any], str]:
    """The columns as the first step takes them."""
    first = entry.steps[0]
    takes = str(preparation_module(first).TAKES)
    if takes == "numbers":
        return numbers(dataset, entry.columns, first.name, entry.where), takes
    return categories(dataset, entry.columns, entry.where), takes


def converted(
    dataset: Dataset,
    entry: Entry,
    step: Spec,
    values: np.ndarray[Any, Any],
    has: str,
    rows: np.ndarray[Any, Any] | None = None,
) -> tuple[np.ndarray[Any, Any], str]:
    """The values in the form that a step takes: numbers can become categories, never the other way."""
    import numpy as np

    takes = str(preparation_module(step).TAKES)
    if takes == "numbers" and has == "categories":
        raise DataError(
            f"{step.name} takes numbers and stands behind a step that takes categories",
            where=entry.where,
            expected="one_hot or index as the last step",
        )
    if takes == has and has == "numbers" and step.name != "impute":
        row, place = (axis[:1] for axis in np.nonzero(np.isnan(values)))
        if len(row):
            number = row if rows is None else rows[row]
            raise DataError(
                f"the column {entry.columns[int(place[0])]!r} is blank in {row_names(number, dataset.lines)}",
                where=entry.where,
                expected="a number in every row, since nothing fills blanks before this step",
                hint="write `missing: median`, or an impute step for this column",
            )
    if takes != has:
        values = np.stack([as_text(column) for column in values.T], axis=1)
    return values, takes


def width_of(entry: Entry, state: Mapping[str, Any]) -> int:
    """How many columns a fitted entry gives; `state` is its last step's."""
    if "width" in state:
        return int(state["width"])
    if "vocabularies" in state:
        return sum(len(known) + state["num_oov_indices"] for known in state["vocabularies"])
    return len(entry.columns)


def as_float32(values: np.ndarray[Any, Any], name: str, dataset: Dataset) -> np.ndarray[Any, Any]:
    """What the model gets; numbers that are not finite are refused."""
    import numpy as np

    with np.errstate(over="ignore"):
        result = values.astype(np.float32)
    if values.dtype.kind == "f":
        refuse_infinite([(0, result)], name, dataset)
    return result


def refuse_infinite(chunks: Iterable[tuple[int, np.ndarray[Any, Any]]], name: str, dataset: Dataset) -> None:
    """Names the rows of an input that hold anything but finite numbers; a chunk comes with its first row's number."""
    import numpy as np

    found = [
        first + np.unique(np.nonzero(~finite)[0]) for first, chunk in chunks if not (finite := np.isfinite(chunk)).all()
    ]
    if found:
        raise DataError(
            f"the input {name!r} holds NaN, infinities or numbers too large for float32, "
            f"in {row_names(np.concatenate(found), dataset.lines)}",
            expected="finite numbers",
            hint="mend these rows; large numbers can be normalized",
        )
