"""Which rows train, validate and test, as scikit-learn draws them, index for index."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from nnrun.data.categories import as_text, blank_labels
from nnrun.data.groups import draw_groups
from nnrun.errors import DataError, listing

if TYPE_CHECKING:
    import numpy as np

PARTS = ("validation", "test")


@dataclass(frozen=True)
class Split:
    """Row numbers (int64) of the parts, and in words how they were drawn."""

    train: np.ndarray[Any, Any]
    validation: np.ndarray[Any, Any]
    test: np.ndarray[Any, Any]
    how: str = ""


def split(
    size: int,
    *,
    validation: float = 0,
    test: float = 0,
    strategy: Literal["auto", "random", "stratified"] = "auto",
    seed: int = 0,
    labels: np.ndarray[Any, Any] | None = None,
    groups: np.ndarray[Any, Any] | None = None,
    given: Mapping[str, np.ndarray[Any, Any]] | None = None,
) -> Split:
    """Take the given parts, then draw the test part, then the validation part, as scikit-learn does.

    It is `train_test_split` that draws, or where there are groups, none of which is torn apart, `GroupShuffleSplit`.

    Args:
        size: The number of all rows.
        validation: A fraction of the rows that are not given, rounded up, or a number of rows.
        test: Likewise.
        strategy: "auto" is by group where there are `groups`, else stratified where `labels` allow it, else random.
        seed: For the draw.
        labels: The class of every row.
        groups: The group of every row; a number of rows becomes the nearest number of whole groups.
        given: Rows of parts that the data itself brings; with `train` the rows of no part are left out.
    """
    import numpy as np

    parts = {name: np.asarray(rows, dtype=np.int64) for name, rows in (given or {}).items()}
    others = np.setdiff1d(np.arange(size, dtype=np.int64), _taken(size, parts))
    pool = parts.pop("train", others)
    counts = {}
    for name, wanted in (("test", test), ("validation", validation)):
        counts[name] = _count(name, wanted, len(pool))
        if counts[name] and name in parts:
            raise DataError(
                f"the {name} part is given by the data ({len(parts[name]):,} rows) and is to be drawn",
                expected=f"one of the two: take `data.split.{name}` away",
            )
    if sum(counts.values()) >= len(pool):
        told = " + ".join(f"{count:,} {name}" for name, count in counts.items() if count)
        raise DataError(
            f"of {len(pool):,} rows {told or 'none'} would leave none to train on",
            expected=f"parts of fewer than {len(pool):,} rows together",
            hint="make `data.split.test` and `data.split.validation` smaller",
        )
    stratify, reason = _strategy(pool, counts, strategy, labels, groups)
    for name, count in counts.items():
        if count and groups is not None:
            pool, parts[name] = draw_groups(pool, count, groups, seed, name)
        elif count:
            pool, parts[name] = _draw(pool, count, seed, labels if stratify else None)
    if groups is not None:
        _refuse_torn(groups, {"train": pool, **parts})
    drawn = f"{reason}, seed {seed}" if any(counts.values()) else "as the data gives it" if given else "not split"
    return as_split({"train": pool, **parts}, size, drawn)


def as_split(parts: Mapping[str, np.ndarray[Any, Any]], size: int, drawn: str) -> Split:
    """The parts with how they were drawn, how many rows each has, and how many of all rows are in none."""
    import numpy as np

    rows = {name: parts.get(name, np.empty(0, dtype=np.int64)) for name in ("train", *PARTS)}
    told = ", ".join(f"{len(part):,} {name}" for name, part in rows.items())
    out = size - sum(map(len, rows.values()))
    return Split(**rows, how=f"{drawn}: {told} rows" + (f", {out:,} left out" if out else ""))


def by_column(values: Any, parts: Mapping[str, Sequence[Any]]) -> dict[str, np.ndarray[Any, Any]]:
    """Row numbers of each part by the values of a column: `{"validation": [4], "test": [5]}`."""
    import numpy as np

    texts = as_text(values)
    present = {text for text in texts if text is not None}
    given: dict[str, np.ndarray[Any, Any]] = {}
    used: dict[str, str] = {}
    for name, wanted in parts.items():
        if name not in ("train", *PARTS):
            raise DataError(f"{name!r} is not a part that a column can give", expected="train, validation or test")
        chosen = {str(text) for text in as_text(np.array(list(wanted), dtype=object))}
        for text in sorted(chosen):
            if text not in present:
                raise DataError(
                    f"no row has the value {text!r} that is to be the {name} part",
                    expected=f"one of {listing(sorted(present))}",
                )
            if text in used:
                raise DataError(
                    f"the value {text!r} is in the {used[text]} and in the {name} part",
                    expected="one part for each",
                )
            used[text] = name
        given[name] = np.flatnonzero([text in chosen for text in texts]).astype(np.int64)
    return given


def _taken(size: int, given: Mapping[str, np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    import numpy as np

    for name in given:
        if name not in ("train", *PARTS):
            raise DataError(f"{name!r} is not a part that can be given", expected="train, validation or test")
    taken = np.concatenate([np.empty(0, dtype=np.int64), *given.values()])
    if len(taken) and (taken.min() < 0 or taken.max() >= size):
        raise DataError(f"a given part names row {taken.max()} of {size:,} rows", expected=f"0 to {size - 1}")
    if len(np.unique(taken)) < len(taken):
        raise DataError("a row is in two parts that the data gives", expected="every row in one part")
    return taken


def _refuse_torn(groups: np.ndarray[Any, Any], parts: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Parts that the data gives may hold rows of one group."""
    import numpy as np

    names = list(parts)
    for place, name in enumerate(names):
        for other in names[place + 1 :]:
            both = np.intersect1d(groups[parts[name]], groups[parts[other]])
            if len(both):
                raise DataError(
                    f"{len(both):,} group{'' if len(both) == 1 else 's'}, such as {both[0]}, have rows in the {name} "
                    f"and in the {other} part",
                    expected="every group in one part",
                    hint="part the rows by group, or take `group` away",
                )


def _count(name: str, wanted: float, rows: int) -> int:
    fraction = isinstance(wanted, float) and wanted != 0.0
    fits = 0 < wanted < 1 if fraction else wanted >= 0
    if isinstance(wanted, bool) or not fits:
        raise DataError(
            f"the {name} part is {wanted!r} of {rows:,} rows",
            expected="a fraction between 0 and 1, such as 0.2, or a whole number of rows",
        )
    return math.ceil(wanted * rows) if fraction else int(wanted)


def _strategy(
    pool: np.ndarray[Any, Any],
    counts: Mapping[str, int],
    strategy: str,
    labels: np.ndarray[Any, Any] | None,
    groups: np.ndarray[Any, Any] | None,
) -> tuple[bool, str]:
    """Whether to stratify, and the reason in words; what scikit-learn would refuse is refused with counts."""
    import numpy as np

    if strategy not in ("auto", "random", "stratified"):
        raise DataError(f"there is no split strategy {strategy!r}", expected="auto, random or stratified")
    if groups is not None and strategy == "stratified":
        raise DataError("a stratified split would tear groups apart", expected="auto or random, by whole groups")
    if groups is not None:
        return False, f"by group ({len(np.unique(groups[pool])):,} groups)"
    if strategy == "random" or (strategy == "auto" and labels is None):
        return False, "random"
    if labels is None:
        raise DataError("a stratified split needs classes", expected="a classification target, or random")
    blanks = blank_labels(labels[pool])
    if blanks and strategy == "auto":  # the target itself names these rows, as errors
        return False, f"random, since {blanks}"
    if blanks:
        raise DataError(f"the split cannot be stratified: {blanks}", expected="a class in every row")
    classes, sizes = np.unique(labels[pool], return_counts=True)
    drawn = [count for count in counts.values() if count]
    needed = 1 + len(drawn)  # one for each part that is drawn and one to train on
    obstacle = ""
    if drawn and sizes.min() < needed:
        rare, size = classes[sizes.argmin()], sizes.min()
        obstacle = f"class {rare} has {size} row{'' if size == 1 else 's'}, fewer than the {needed} parts"
    elif drawn and min(*drawn, len(pool) - sum(drawn)) < len(classes):
        smallest = min(*drawn, len(pool) - sum(drawn))
        obstacle = f"a part of {smallest} rows cannot hold all {len(classes)} classes"
    if obstacle and strategy == "stratified":
        raise DataError(
            f"the split cannot be stratified: {obstacle}",
            expected="enough rows of every class for every part",
            hint="write `strategy: random`, or take rare classes out",
        )
    return not obstacle, f"random, since {obstacle}" if obstacle else "stratified"


def _draw(
    pool: np.ndarray[Any, Any], count: int, seed: int, labels: np.ndarray[Any, Any] | None
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    from sklearn.model_selection import train_test_split

    stratify = None if labels is None else labels[pool]
    try:
        rest, part = train_test_split(pool, test_size=count, random_state=seed, stratify=stratify)
    except ValueError as error:  # after the first draw a rare class may have a single row left
        raise DataError(
            f"the split cannot be stratified: {error}",
            hint="write `strategy: random`, or take rare classes out",
        ) from None
    return rest, part
