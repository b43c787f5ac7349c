"""Parts that follow each other in time: what is tested on lies after all that was trained on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


def parts(
    size: int,
    times: Array | None = None,
    *,
    train: float | None = None,
    validation: float = 0,
    test: float = 0,
    gap: int = 0,
) -> dict[str, Array]:
    """Row numbers (int64) of train, validation and test, each in the order of time.

    The last rows are test and those before them validation; with `train` the parts follow each other from the first
    row on, and the rows behind them are in none. Rows of one time stay together: a part begins with the first of them.

    Args:
        size: The number of all rows.
        times: The time of every row, anything that can be put in order; None where the rows are in order.
        train: A fraction of the rows, or a number of rows; None is all rows before the other parts.
        validation: Likewise; 0 is none. A fraction is rounded up, and down where `train` is written.
        test: Likewise.
        gap: How many rows are left out before validation, and before test.
    """
    import numpy as np

    order = np.arange(size, dtype=np.int64) if times is None else np.argsort(times, kind="stable").astype(np.int64)
    wanted = {"train": train, "validation": validation, "test": test}
    counts = {name: _count(name, share, size, up=not train) for name, share in wanted.items() if share}
    held_out = [name for name in ("validation", "test") if counts.get(name)]
    room = size - sum(counts.values()) - gap * len(held_out)
    if room < (0 if "train" in counts else 1):
        told = [
            *(f"{count:,} {name}" for name, count in counts.items()),
            *[f"{gap:,} of a gap"] * (gap and len(held_out)),
        ]
        raise DataError(
            f"of {size:,} rows {' + '.join(told)} would leave {'too few' if 'train' in counts else 'none to train on'}",
            expected=f"parts and gaps of {'at most' if 'train' in counts else 'fewer than'} {size:,} rows together",
            hint="make the parts or the gap smaller",
        )
    at, edges = counts.get("train", room), [0]
    ordered = None if times is None else np.asarray(times)[order]
    for name in held_out:
        begin = _first_of_its_time(ordered, at + gap)
        edges += [_first_of_its_time(ordered, max(begin - gap, 0)), begin]
        at += gap + counts[name]
    edges.append(at)
    found = {name: order[edges[2 * place] : edges[2 * place + 1]] for place, name in enumerate(("train", *held_out))}
    empty = [name for name, rows in found.items() if not len(rows)]
    if empty:
        raise DataError(
            f"the {empty[0]} part is left without a row: rows of one time stay together, "
            f"and {size:,} rows have {len(set(() if ordered is None else ordered.tolist())):,} different times",
            expected="at least one time in every part",
            hint="make the parts larger or the gap smaller",
        )
    none = np.empty(0, dtype=np.int64)
    return {name: found.get(name, none) for name in ("train", "validation", "test")}


def _first_of_its_time(ordered: Array | None, edge: int) -> int:
    """The edge, moved back to where the rows of its time begin."""
    import numpy as np

    return edge if ordered is None else int(np.searchsorted(ordered, ordered[edge], side="left"))


def _count(name: str, wanted: float, rows: int, *, up: bool) -> int:
    fraction = isinstance(wanted, float)
    if isinstance(wanted, bool) or not (0 < wanted < 1 if fraction else wanted > 0):
        raise DataError(
            f"the {name} part is {wanted!r} of {rows:,} rows",
            expected="a fraction between 0 and 1, such as 0.2, or a whole number of rows",
        )
    if not fraction:
        return int(wanted)
    return math.ceil(wanted * rows) if up else math.floor(wanted * rows + 1e-9)  # 0.29 * 100 is a little under 29
