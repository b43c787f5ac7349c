"""The class of every row, for splits and folds that keep the classes' shares; None where the target is no class."""

from __future__ import annotations

from typing import Any

from nnrun.config.config import Config
from nnrun.data.dataset import Dataset
from nnrun.train.answers import kind, raw, target_specs


def labels(config: Config, dataset: Dataset) -> Any:
    """Raw labels of the first classification target, rows on axis 0."""
    for spec in target_specs(config, dataset):
        values = raw(dataset, spec)
        if getattr(values, "ndim", 1) == 1 and kind(config, dataset, spec, values) == "classes":
            return values
    return None
