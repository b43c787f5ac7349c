"""Targets that a source stores as the numbers of its own classes, as the numbers of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nnrun.data.dataset import Dataset
from nnrun.errors import DataError, did_you_mean, listing


def renumbered(dataset: Dataset, classes: Mapping[str, Sequence[str]]) -> Dataset:
    """Targets that are class numbers of this source, as those of `classes`; by the names of the classes."""
    import numpy as np

    targets = dict(dataset.targets)
    for column, known in classes.items():
        names = dataset.classes.get(column)
        values = targets.get(column)
        if names is None or values is None or np.asarray(values).dtype.kind not in "iu" or tuple(names) == tuple(known):
            continue
        strange = [name for name in names if name not in known]
        if strange:
            raise DataError(
                f"{listing(strange)} {'is no class' if len(strange) == 1 else 'are no classes'} of the run",
                expected=f"one of {listing(list(known), 30)}",
                hint=did_you_mean(strange[0], known),
            )
        targets[column] = np.array([known.index(name) for name in names])[np.asarray(values)]
    own = {column: tuple(names) for column, names in classes.items() if column in dataset.classes}
    return replace(dataset, targets=targets, classes={**dataset.classes, **own})
