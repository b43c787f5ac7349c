"""The classes of a target as an input of a recipe's networks: what is made shall be of the class that is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnrun.config.config import Config, TargetSpec
from nnrun.data.dataset import Dataset
from nnrun.data.target import Target
from nnrun.errors import DataError
from nnrun.training.matching import raw
from nnrun.training.recipes import recipe

LABEL = "label"

Array = np.ndarray[Any, Any]


def columns(config: Config, dataset: Dataset) -> tuple[str, ...]:
    """The columns that hold the classes, which are no input of their own beside `label`."""
    spec = _spec(config, dataset) if config.models else None
    return () if spec is None else spec.columns


def fitted(config: Config, dataset: Dataset, rows: Array) -> Target | None:
    """The classes, read from the training rows; None where the recipe wants none."""
    if not config.models or config.recipe is None or not recipe(config.recipe).labels:
        return None
    spec = _spec(config, dataset)
    where = config.document.value(("recipe",))
    if spec is None or len(spec.columns) != 1:
        hint = "`target: COLUMN` under data, or `conditional: false`"
        raise DataError("the recipe wants one target of classes, and the data has none", where=where, hint=hint)
    column = spec.columns[0]
    values = raw(dataset, spec)
    if values.ndim != 1:
        what = f"the recipe wants a class for each row, and the target {column!r} has {values.shape[1:]} numbers"
        raise DataError(what, where=where, expected="a target of classes")
    names = dataset.classes.get(column)
    return Target.fit(column, values, rows, "classes", one_hot=True, classes=names, lines=dataset.target_lines)


def applied(label: Target, config: Config, dataset: Dataset) -> Array:
    """The classes of all rows, one-hot (rows, classes)."""
    spec = _spec(config, dataset)
    assert spec is not None
    return label.apply(raw(dataset, spec), dataset.target_lines)


def _spec(config: Config, dataset: Dataset) -> TargetSpec | None:
    """The target that is written, else the source's own."""
    own = dataset.target or next(iter(dataset.targets), None)
    return next(iter(config.data.targets), None) or (None if own is None else TargetSpec(own, (own,)))
