"""The folds of a cross validation, as scikit-learn draws them, index for index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from nnrun.data import time_split
from nnrun.data.categories import blank_labels
from nnrun.data.split import split
from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

Strategy = Literal["auto", "random", "stratified", "group", "time"]


@dataclass(frozen=True)
class Fold:
    """Row numbers (int64) to train on and to hold out."""

    train: np.ndarray[Any, Any]
    held_out: np.ndarray[Any, Any]


def folds(
    rows: np.ndarray[Any, Any],
    *,
    folds: int,
    strategy: Strategy = "auto",
    seed: int = 0,
    labels: np.ndarray[Any, Any] | None = None,
    groups: np.ndarray[Any, Any] | None = None,
    times: np.ndarray[Any, Any] | None = None,
    gap: int = 0,
) -> tuple[list[Fold], str]:
    """Hold every row out once; the second value says in words how the folds were drawn.

    KFold and StratifiedKFold shuffle with `seed`; GroupKFold keeps each group on one side and draws nothing. By time
    the rows before a held-out part train for it (TimeSeriesSplit), so that the first rows are never held out.

    Args:
        rows: The row numbers to fold.
        folds: How many folds, at least 2.
        strategy: "auto" is by group where there are `groups`, else stratified where `labels` allow it.
        seed: For the draw.
        labels: The class of every row of the data.
        groups: The group of every row of the data.
        times: By time, the time of every row of the data; None where the rows are in order.
        gap: By time, how many rows are left out before each held-out part.
    """
    import numpy as np
    from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

    rows = np.asarray(rows, dtype=np.int64)
    if folds < 2 or folds > len(rows):
        raise DataError(f"{folds} folds of {len(rows):,} rows", expected="from 2 folds to as many as there are rows")
    if strategy == "time":
        return _by_time(rows, folds, times, gap)
    chosen, how = _strategy(rows, folds, strategy, labels, groups)
    if chosen == "group":
        assert groups is not None
        pairs = GroupKFold(n_splits=folds).split(rows, groups=groups[rows])
        return _mapped(rows, pairs), f"{how}, {folds} folds"
    if chosen == "stratified":
        assert labels is not None
        stratified = StratifiedKFold(n_splits=folds, shuffle=True, random_state=seed)
        return _mapped(rows, stratified.split(rows, labels[rows])), f"{how}, {folds} folds, seed {seed}"
    pairs = KFold(n_splits=folds, shuffle=True, random_state=seed).split(rows)
    return _mapped(rows, pairs), f"{how}, {folds} folds, seed {seed}"


def _by_time(
    rows: np.ndarray[Any, Any], folds: int, times: np.ndarray[Any, Any] | None, gap: int
) -> tuple[list[Fold], str]:
    """Training rows of the very time at which a held-out part begins are left out too."""
    import numpy as np
    from sklearn.model_selection import TimeSeriesSplit

    held_out = len(rows) // (folds + 1)
    if len(rows) - folds * held_out <= gap or not held_out:
        raise DataError(
            f"{folds} folds by time of {len(rows):,} rows hold out {held_out:,} each, and a gap of {gap:,} leaves none "
            "to train the first on",
            expected=f"a gap below {len(rows) - folds * held_out:,}, or fewer folds",
        )
    ordered = np.sort(rows) if times is None else np.sort(rows)[np.argsort(times[np.sort(rows)], kind="stable")]
    found = _mapped(ordered, TimeSeriesSplit(n_splits=folds, gap=gap).split(ordered))
    if times is not None:
        found = [Fold(fold.train[times[fold.train] < times[fold.held_out[0]]], fold.held_out) for fold in found]
    for number, fold in enumerate(found, start=1):
        if not len(fold.train):
            raise DataError(
                f"fold {number} has no training row before the time at which its held-out rows begin",
                expected="rows of more different times, or fewer folds",
            )
    told = f", a gap of {gap:,} rows" if gap else ""
    return found, f"by time, {folds} folds{told}, {len(rows) - folds * held_out:,} first rows never held out"


def _mapped(rows: np.ndarray[Any, Any], pairs: Any) -> list[Fold]:
    return [Fold(rows[train], rows[held_out]) for train, held_out in pairs]


def _strategy(
    rows: np.ndarray[Any, Any],
    folds: int,
    strategy: Strategy,
    labels: np.ndarray[Any, Any] | None,
    groups: np.ndarray[Any, Any] | None,
) -> tuple[str, str]:
    """The strategy in force and the reason in words; what cannot be done as asked is refused with counts."""
    import numpy as np

    if strategy not in ("auto", "random", "stratified", "group"):
        raise DataError(f"there is no fold strategy {strategy!r}", expected="auto, random, stratified, group or time")
    if strategy == "group" or (strategy == "auto" and groups is not None):
        if groups is None:
            raise DataError("folds by group need groups", expected="`groups: COLUMN`", hint="or another strategy")
        count = len(np.unique(groups[rows]))
        if count < folds:
            raise DataError(
                f"{folds} folds of {count} groups",
                expected="at least one group in every fold",
                hint="fewer folds",
            )
        return "group", f"by group ({count:,} groups)"
    if strategy == "random" or (strategy == "auto" and labels is None):
        return "random", "random"
    if labels is None:
        raise DataError(
            "stratified folds need classes", expected="a classification target", hint="or `strategy: random`"
        )
    blanks = blank_labels(labels[rows])
    if blanks and strategy == "auto":  # the target itself names these rows, as errors
        return "random", f"random, since {blanks}"
    if blanks:
        raise DataError(f"the folds cannot be stratified: {blanks}", expected="a class in every row")
    classes, sizes = np.unique(labels[rows], return_counts=True)
    rare, size = classes[sizes.argmin()], int(sizes.min())
    if size >= folds:
        return "stratified", "stratified"
    obstacle = f"class {rare} has {size} row{'' if size == 1 else 's'}, fewer than {folds} folds"
    raise DataError(
        f"the folds cannot be stratified: {obstacle}",
        expected="at least one row of every class in every fold",
        hint="take fewer folds, or write `strategy: random` under cv",
    )


def inner_part(
    rows: np.ndarray[Any, Any],
    *,
    share: float,
    like: str,
    seed: int = 0,
    labels: np.ndarray[Any, Any] | None = None,
    groups: np.ndarray[Any, Any] | None = None,
    times: np.ndarray[Any, Any] | None = None,
    gap: int = 0,
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """A fold's training rows, parted into rows to train on and rows to choose by, drawn as the folds were.

    Args:
        rows: The fold's training rows.
        share: A fraction of them, or a number of rows; by group as `draw_groups` counts it.
        like: What `folds` said of how it drew.
        seed: For the draw.
        labels: The class of every row of the data.
        groups: The group of every row of the data.
        times: By time, the time of every row of the data.
        gap: By time, how many rows are left out between the two.
    """
    if like.startswith("by time"):
        found = time_split.parts(len(rows), None if times is None else times[rows], validation=share, gap=gap)
        return rows[found["train"]], rows[found["validation"]]
    stratify = labels[rows] if labels is not None and like.startswith("stratified") else None
    together = groups[rows] if groups is not None and like.startswith("by group") else None
    parts = split(len(rows), validation=share, strategy="auto", seed=seed, labels=stratify, groups=together)
    return rows[parts.train], rows[parts.validation]
