"""Which rows train, validate and test by a config, drawn before anything is fitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnrun.config.config import Config
from nnrun.config.keeping import group_of
from nnrun.config.sections import SplitSection
from nnrun.data import hash_split, time_split
from nnrun.data.categories import as_text
from nnrun.data.dataset import Dataset
from nnrun.data.groups import group_column
from nnrun.data.split import Split, as_split, by_column, split
from nnrun.data.times import time_column
from nnrun.data.windows import Windows, table_of
from nnrun.errors import DataError
from nnrun.training.matching import kind, raw, target_specs

DEFAULT_SHARE = 0.15
PARTS = ("train", "validation", "test")


def section(config: Config, dataset: Dataset) -> SplitSection:
    """`data.split` with `auto` made plain; where it is not written, 15 % each for every part that the data lacks."""
    found = config.data.split
    if found is None:
        shares = {part: DEFAULT_SHARE for part in ("validation", "test") if part not in dataset.parts}
        found = SplitSection().model_copy(update=shares)
    lists = any(isinstance(getattr(found, part), list) for part in PARTS)
    return found.model_copy(update={"strategy": "time"}) if config.by_time and not lists else found


def divide(config: Config, dataset: Dataset) -> Split:
    """The parts, index for index as scikit-learn draws them."""
    wanted = section(config, dataset)
    if dataset.windows is not None and not _drawn_one_by_one(config, dataset.windows, wanted):
        return _of_windows(config, dataset, dataset.windows)
    if wanted.strategy == "time":
        return _by_time(config, dataset, wanted)
    given: Mapping[str, Any] = dataset.parts
    if wanted.column is not None and wanted.strategy != "hash":
        given = {**given, **_by_column(config, dataset, wanted)}
    if wanted.strategy == "hash":
        return _by_hash(config, dataset, wanted)
    shares = {part: _share(getattr(wanted, part)) for part in ("validation", "test")}
    return split(
        dataset.size,
        validation=shares["validation"],
        test=shares["test"],
        strategy=wanted.strategy,
        seed=wanted.seed,
        labels=None if wanted.strategy == "random" else labels(config, dataset),
        groups=groups(config, dataset),
        given=given,
    )


def _drawn_one_by_one(config: Config, windows: Windows, wanted: SplitSection) -> bool:
    """Whether windows may be drawn as rows are: they share none of the table, and nothing parts the table itself."""
    parts_table = config.by_time or config.group is not None or wanted.column is not None or wanted.strategy == "hash"
    return not windows.overlap and not parts_table


def _of_windows(config: Config, dataset: Dataset, windows: Windows) -> Split:
    """Windows by the parts of the table that they lie in: those in none or in several are left out.

    By time a held-out window may reach back to rows of the part before, as a forecast does; its target may not.
    """
    table = divide(config, table_of(dataset))
    train = windows.within(table.train, whole=True)
    held_out = {}
    for part in ("validation", "test"):
        given = part in dataset.parts
        rows = dataset.parts[part] if given else windows.within(getattr(table, part), whole=not config.by_time)
        held_out[part] = np.setdiff1d(rows, train)
        if len(getattr(table, part)) and not len(rows):
            raise DataError(
                f"the {part} part is too short for a window: {len(getattr(table, part)):,} rows of the table",
                expected=f"at least {windows.horizon or windows.reach:,}",
            )
    if not len(train):
        raise DataError(
            f"the training part is too short for a window of {windows.reach:,} rows: it has {len(table.train):,}",
            expected="a shorter window, or larger training part",
        )
    how = table.how.rpartition(": ")[0]
    return as_split({"train": train, **{part: rows for part, rows in held_out.items() if len(rows)}}, dataset.size, how)


def labels(config: Config, dataset: Dataset) -> Any:
    """The raw class of every row, by the first target that is a class; None where there is none."""
    for spec in target_specs(config, dataset):
        if spec.of_input or spec.steps:
            continue
        values = raw(dataset, spec)
        if values.ndim == 1 and kind(config, dataset, spec, values) == "classes":
            # Text and numbers in one column have no order, which scikit-learn would ask for.
            return as_text(values) if values.dtype == object else values
    return None


def groups(config: Config, dataset: Dataset) -> Any:
    """The group of every row, by the column that `cv.group` or `data.split.group` names; None where none does."""
    column, path = group_of(config.data.split, config.cv)
    return None if column is None else group_column(dataset, column, config.document.value(path))


def times(config: Config, dataset: Dataset) -> Any:
    """The time of every row, by the column that a split by time names; None where the rows are in order."""
    wanted = section(config, dataset)
    if wanted.strategy != "time" or wanted.column is None:
        return None
    return time_column(dataset, wanted.column, config.document.value(("data", "split", "column")))


def _by_time(config: Config, dataset: Dataset, wanted: SplitSection) -> Split:
    """Of the rows that the data gives no part, the last test."""
    pool = _pool(dataset, wanted)
    of_rows, column = times(config, dataset), wanted.column
    drawn = time_split.parts(
        len(pool),
        None if of_rows is None else of_rows[pool],
        train=_share(wanted.train),
        validation=_share(wanted.validation),
        test=_share(wanted.test),
        gap=wanted.gap,
    )
    told = f"by time ({'the order of the rows' if column is None else column})"
    told += f", a gap of {wanted.gap:,} rows" if wanted.gap else ""
    found = {name: pool[rows] for name, rows in drawn.items() if len(rows)}
    return as_split({**dataset.parts, **found}, dataset.size, told)


def _by_hash(config: Config, dataset: Dataset, wanted: SplitSection) -> Split:
    """Of the rows that the data gives no part, those with the smallest hashes test."""
    pool = _pool(dataset, wanted)
    where = config.document.value(("data", "split", "column"))
    keys, what = hash_split.keys(dataset, wanted.column or config.group, where)
    drawn = hash_split.parts(
        keys[pool], validation=_share(wanted.validation), test=_share(wanted.test), seed=wanted.seed
    )
    found = {name: pool[rows] for name, rows in drawn.items() if len(rows)}
    return as_split({**dataset.parts, **found}, dataset.size, f"by hash ({what}), seed {wanted.seed}")


def _pool(dataset: Dataset, wanted: SplitSection) -> Any:
    """The rows that are in no part that the data gives; raises where such a part is to be drawn too."""
    for part in ("validation", "test"):
        if part in dataset.parts and _share(getattr(wanted, part)):
            raise DataError(
                f"the {part} part is given by the data ({len(dataset.parts[part]):,} rows) and is to be drawn",
                expected=f"one of the two: take `data.split.{part}` away",
            )
    return split(dataset.size, strategy="random", given=dataset.parts).train


def _share(value: Any) -> Any:
    return 0 if isinstance(value, list) else value


def _by_column(config: Config, dataset: Dataset, wanted: SplitSection) -> dict[str, Any]:
    lists = {part: getattr(wanted, part) for part in PARTS if isinstance(getattr(wanted, part), list)}
    where = config.document.value(("data", "split", "column"))
    values = dataset.single(str(wanted.column), "split's column", "a table", where)
    return by_column(values, lists)
