"""One step after another: the form that each takes, and what the last one gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.config.config import Entry
from nnrun.config.spec import Spec
from nnrun.data.categories import as_text
from nnrun.data.columns import categories, numbers, require_columns
from nnrun.data.dataset import Dataset, row_name, row_names
from nnrun.data.features import gives, preparation_module, takes
from nnrun.data.rows import Float32Rows, MappedRows, Rows
from nnrun.data.unusable import named
from nnrun.errors import DataError, Where, listing

if TYPE_CHECKING:
    import numpy as np


def of_array(dataset: Dataset, entry: Entry) -> bool:
    """Whether an entry names an array of the source in place of columns."""
    table = () if dataset.columns is None else dataset.columns.columns
    return any(column in dataset.arrays and column not in table for column in entry.columns)


def first_values(dataset: Dataset, entry: Entry) -> tuple[Any, str]:
    """The columns as the first step takes them, for every row of the table; or an array of the source."""
    first = entry.steps[0]
    if of_array(dataset, entry):
        return _array(dataset, entry), "array"
    wanted = takes(first)
    if wanted == "numbers":
        return numbers(dataset, entry.columns, first.name, entry.where), wanted
    texts = categories(dataset, entry.columns, entry.where)
    return (texts if wanted == "categories" else _files(dataset, entry, texts)), wanted


def _array(dataset: Dataset, entry: Entry) -> Any:
    import numpy as np

    if len(entry.columns) > 1:
        raise DataError(
            f"{listing(list(entry.columns))} are several, and an array of the source is an input of its own",
            where=entry.where,
            expected="one array in each entry",
        )
    name = entry.columns[0]
    array, scale = dataset.arrays[name], dataset.scale.get(name)
    if isinstance(array, Rows):
        return Float32Rows(array, scale)
    if array.dtype.kind not in "buif":
        raise DataError(f"the array {name!r} holds {array.dtype}", where=entry.where, expected="numbers")
    return array.astype(np.float64 if array.ndim < 3 else np.float32) * (1 if scale is None else scale)


def _files(dataset: Dataset, entry: Entry, texts: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The paths that cells name, looked up in the folder of their table; each has to be there, and inside of it."""
    import numpy as np

    name = entry.columns[0]
    if len(entry.columns) > 1:
        raise DataError(f"{entry.steps[0].name} takes one column", where=entry.where, expected="an input for each")
    if dataset.folders is None:
        raise DataError(f"the cells of {name!r} name files, and the source has no folder to look in", where=entry.where)
    found = np.empty(texts.shape, dtype=object)
    bad: list[str] = []
    inside: dict[Path, Path] = {}
    below = str(entry.steps[0].arguments.get("folder") or ".")
    for row, (text, folder) in enumerate(zip(texts[:, 0], dataset.folders, strict=True)):
        root = inside.setdefault(folder, folder.resolve())
        path = None if text is None else root / below / text
        if path is None or not path.is_file() or not path.resolve().is_relative_to(root):
            why = "is blank" if path is None else "leads outside" if path.exists() else "is not there"
            bad.append(f"{row_name(row, dataset.lines)}: {text or 'the cell'} {why}")
        found[row, 0] = path
    if bad:
        raise DataError(
            f"{len(bad):,} of the files that {name!r} names cannot be used: {'; '.join(bad[:5])}"
            + (f" and {len(bad) - 5:,} more" if len(bad) > 5 else ""),
            where=entry.where,
            expected="files below the folder of the table",
            hint=f"say where they lie below it: `{entry.steps[0].name}: {{columns: {name}, folder: ...}}`",
        )
    return found


def converted(
    dataset: Dataset,
    entry: Entry,
    step: Spec,
    values: Any,
    has: str,
    rows: np.ndarray[Any, Any] | None = None,
) -> Any:
    """The values in the form that a step takes: numbers can become categories, never the other way."""
    import numpy as np

    wanted = takes(step)
    if has == "array" or wanted == has == "numbers":
        if step.name != "impute" and not isinstance(values, Rows):
            _refuse_blanks(dataset, entry, values, rows)
        return values
    if wanted == "categories" and has == "numbers":
        return np.stack([as_text(column) for column in values.T], axis=1)
    return values


def through(dataset: Dataset, entry: Entry, states: Sequence[Mapping[str, Any]]) -> Any:
    """What the fitted steps of an entry make of every row of the table."""
    values, has = first_values(dataset, entry)
    for step, state in zip(entry.steps, states, strict=True):
        with named(dataset, entry):
            values = applied(step, converted(dataset, entry, step, values, has), state)
        has = given(step, has)
    return values


def applied(step: Spec, values: Any, state: Mapping[str, Any]) -> Any:
    """What a fitted step makes of values, piece by piece where they are made on demand."""
    module = preparation_module(step)
    if isinstance(values, Rows):
        return MappedRows(values, lambda piece: module.apply(piece, state))
    return module.apply(values, state)


def given(step: Spec, has: str) -> str:
    """The form of what a step gives."""
    kind = gives(step)
    return has if kind == "same" else kind


def _refuse_blanks(
    dataset: Dataset, entry: Entry, values: np.ndarray[Any, Any], rows: np.ndarray[Any, Any] | None
) -> None:
    import numpy as np

    blank = np.isnan(values) if values.dtype.kind == "f" else np.zeros(0, bool)
    if not blank.any():
        return
    axes = [axis[:1] for axis in np.nonzero(blank)]
    number = axes[0] if rows is None else rows[axes[0]]
    place = int(axes[1][0]) if values.ndim == 2 else 0
    column = entry.columns[place] if place < len(entry.columns) else entry.columns[0]
    raise DataError(
        f"the column {column!r} is blank in {row_names(number, dataset.lines)}",
        where=entry.where,
        expected="a number in every row, since nothing fills blanks before this step",
        hint="write `missing: median`, or an impute step for this column",
    )


def width_of(entry: Entry, state: Mapping[str, Any]) -> int:
    """How many columns a fitted entry gives, where its run did not write it down; `state` is its last step's."""
    if "width" in state:
        return int(state["width"])
    if "vocabularies" in state:
        return sum(len(known) + state["num_oov_indices"] for known in state["vocabularies"])
    return len(entry.columns)


def blanks_of(dataset: Dataset, entry: Entry, where: Where | None = None) -> np.ndarray[Any, Any]:
    """Which cells of an entry's columns are blank: (rows of the table, columns)."""
    import numpy as np

    table = require_columns(dataset, entry.columns, where)
    return np.column_stack([table[column].isna().to_numpy() for column in entry.columns])


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

    found: Sequence[Any] = [
        first + np.unique(np.nonzero(~finite)[0]) for first, chunk in chunks if not (finite := np.isfinite(chunk)).all()
    ]
    if found:
        raise DataError(
            f"the input {name!r} holds NaN, infinities or numbers too large for float32, "
            f"in {row_names(np.concatenate(found), dataset.lines)}",
            expected="finite numbers",
            hint="mend these rows; large numbers can be normalized",
        )
