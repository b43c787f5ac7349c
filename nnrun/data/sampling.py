"""Random and stratified draws, index for index as scikit-learn makes them; its import alone would cost a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np


def part(size: int, count: int, seed: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The places that are left and `count` places drawn of `size`, as `train_test_split` draws them."""
    import numpy as np

    order = np.random.RandomState(seed).permutation(size)
    return order[count:], order[:count]


def stratified_part(
    labels: np.ndarray[Any, Any], count: int, seed: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The same with the shares of the classes kept, as `train_test_split(stratify=labels)` draws them."""
    import numpy as np

    classes, numbers, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    smallest = min(count, len(labels) - count)
    if sizes.min() < 2 or smallest < len(classes):  # by now another draw may have left a single row of a class
        rare = f"class {classes[sizes.argmin()]} has 1 row left"
        raise DataError(
            "the split cannot be stratified: "
            + (rare if sizes.min() < 2 else f"a part of {smallest} rows cannot hold all {len(classes)} classes"),
            expected="at least 2 rows of every class, and room for each of them in both parts",
            hint="write `strategy: random`, or take rare classes out",
        )
    random = np.random.RandomState(seed)
    rest = _shares(sizes, len(labels) - count, random)
    drawn = _shares(sizes - rest, count, random)
    places = np.split(np.argsort(numbers, kind="stable"), np.cumsum(sizes)[:-1])
    shuffled = [of_class[random.permutation(len(of_class))] for of_class in places]
    parted = list(zip(shuffled, rest, rest + drawn, strict=True))
    left = np.concatenate([of_class[:first] for of_class, first, _ in parted])
    taken = np.concatenate([of_class[first:last] for of_class, first, last in parted])
    return random.permutation(left), random.permutation(taken)


def folds(size: int, count: int, seed: int) -> np.ndarray[Any, Any]:
    """The fold of every place, counted from 0, as `KFold(shuffle=True)` draws them."""
    import numpy as np

    order = np.arange(size)
    np.random.RandomState(seed).shuffle(order)
    numbers = np.empty(size, dtype=np.int64)
    for number, held_out in enumerate(np.array_split(order, count)):
        numbers[held_out] = number
    return numbers


def stratified_folds(labels: np.ndarray[Any, Any], count: int, seed: int) -> np.ndarray[Any, Any]:
    """The fold of every row, counted from 0, as `StratifiedKFold(shuffle=True)` draws them."""
    import numpy as np

    _, first_places, sorted_numbers = np.unique(labels, return_index=True, return_inverse=True)
    classes = np.argsort(np.argsort(first_places))[sorted_numbers]  # numbered as they first appear
    in_turn = np.sort(classes)
    dealt = [np.bincount(in_turn[fold::count], minlength=len(first_places)) for fold in range(count)]
    random = np.random.RandomState(seed)
    numbers = np.empty(len(labels), dtype=np.int64)
    for number, of_class in enumerate(np.transpose(dealt)):
        chosen = np.arange(count).repeat(of_class)
        random.shuffle(chosen)
        numbers[classes == number] = chosen
    return numbers


def _shares(sizes: np.ndarray[Any, Any], count: int, random: Any) -> np.ndarray[Any, Any]:
    """`count` rows dealt to the classes by their sizes; the largest remainders first, ties drawn."""
    import numpy as np

    exact = sizes / sizes.sum() * count
    whole = np.floor(exact)
    remainders, missing = exact - whole, int(count - whole.sum())
    for remainder in np.unique(remainders)[::-1]:
        if missing <= 0:
            break
        (tied,) = np.where(remainders == remainder)
        more = min(len(tied), missing)
        whole[random.choice(tied, size=more, replace=False)] += 1
        missing -= more
    shares: np.ndarray[Any, Any] = whole.astype(int)
    return shares
