"""Rows whose inputs are the same, within the parts and across them: what is remembered is not predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnrun.data.dataset import Dataset
from nnrun.data.rows import Rows

if TYPE_CHECKING:
    import numpy as np

    Parts = Mapping[str, np.ndarray[Any, Any]]

MOST_BYTES = 4 * 10**9  # of arrays that are streamed; more would be read for minutes


@dataclass(frozen=True)
class Duplicates:
    """How many rows repeat an earlier one of their part, and how many stand in a part that came before it, too.

    `contradicting` rows have the inputs of another row and not its answer.
    """

    within: Mapping[str, int]
    across: Mapping[str, int]  # "test in train": rows
    contradicting: int


def duplicates(
    dataset: Dataset, inputs: Set[str], parts: Parts, targets: Sequence[np.ndarray[Any, Any]]
) -> Duplicates | None:
    """Exact copies among all rows; None where the rows overlap by their nature, or are too many to be read.

    Args:
        dataset: All rows.
        inputs: The columns and arrays that a model looks at.
        parts: The row numbers of each part, by its name.
        targets: What is answered, rows on axis 0.
    """
    import numpy as np

    if dataset.windows is not None:
        return None
    hashed = _hashes(dataset, inputs)
    if hashed is None:
        return None
    within, across, seen = {}, {}, dict[str, Any]()
    for name, rows in parts.items():
        own = hashed[rows]
        within[name] = len(own) - len(np.unique(own))
        for earlier, others in seen.items():
            across[f"{name} in {earlier}"] = int(np.isin(own, others).sum())
        seen[name] = own
    return Duplicates(within, across, _contradicting(hashed, targets))


def _hashes(dataset: Dataset, inputs: Set[str]) -> np.ndarray[Any, Any] | None:
    """A number for each row, the same for rows with the same inputs."""
    import numpy as np
    import pandas as pd

    found: np.ndarray[Any, Any] = np.zeros(dataset.size, np.uint64)
    if dataset.columns is not None:
        for name in (name for name in dataset.columns.columns if str(name) in inputs):
            hashed = pd.util.hash_pandas_object(dataset.columns[name], index=False).to_numpy(dtype=np.uint64)
            found = found * np.uint64(1_000_003) ^ hashed
    for name, array in dataset.arrays.items():
        if name in inputs:
            if isinstance(array, Rows) and array.nbytes > MOST_BYTES:
                return None
            found = found * np.uint64(1_000_003) ^ _of_array(array)
    return found


def _of_array(array: Any) -> np.ndarray[Any, Any]:
    import numpy as np

    chunks = (
        array.chunks()
        if isinstance(array, Rows)
        else ((at, array[at : at + 4096]) for at in range(0, len(array), 4096))
    )
    found = np.empty(len(array), np.int64)
    for first, chunk in chunks:
        rows = np.ascontiguousarray(chunk).reshape(len(chunk), -1)
        found[first : first + len(rows)] = [hash(row.tobytes()) for row in rows]
    return found.view(np.uint64)


def _contradicting(hashed: np.ndarray[Any, Any], targets: Sequence[np.ndarray[Any, Any]]) -> int:
    """Rows whose inputs stand in another row with another answer."""
    import numpy as np
    import pandas as pd

    plain = [target for target in targets if target.ndim == 1]
    if not plain or len(plain) < len(targets):
        return 0
    _, groups = np.unique(hashed, return_inverse=True)
    table = pd.DataFrame({str(place): pd.factorize(target)[0] for place, target in enumerate(plain)})
    answers = table.groupby(groups).transform("nunique").max(axis=1)
    return int((answers > 1).sum())
