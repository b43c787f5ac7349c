"""Which rows each fold trains on, chooses by and is scored on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nnrun.config.config import Config
from nnrun.data.dataset import Dataset
from nnrun.data.folds import Fold, folds, inner_part
from nnrun.data.split import Split
from nnrun.errors import DataError
from nnrun.training.division import divide, groups, labels, section, times
from nnrun.training.monitors import chooses

Array = np.ndarray[Any, Any]
INNER_SHARE = 0.1


@dataclass(frozen=True)
class Plan:
    """The folds, each as a split whose test part is the held-out fold; `test` is set aside, untouched."""

    splits: tuple[Split, ...]
    test: Array
    how: str
    inner: bool  # an inner validation part was taken, because something chooses by it
    folded: Array  # the rows that the folds hold out in turn; by time those before the first one too


def plan(config: Config, dataset: Dataset) -> Plan:
    """Folds over everything but the test part."""
    parts = divide(config, dataset)
    rows = np.sort(np.concatenate([parts.train, parts.validation]))
    drawn: dict[str, Any] = {"seed": config.cv.seed, "labels": labels(config, dataset)}
    drawn["groups"] = groups(config, dataset)
    if config.by_time:
        gap = section(config, dataset).gap
        # Windows share rows of the table with those behind them, so that as many are left out between parts.
        shared = 0 if dataset.windows is None else dataset.windows.overlap
        drawn |= {"times": times(config, dataset), "gap": max(gap, shared)}
    cv, strategy = config.cv, "time" if config.by_time else config.cv.strategy
    found, how = folds(rows, folds=cv.folds, strategy=strategy, **drawn)
    found = [Fold(_apart(dataset, fold.train, fold.held_out), fold.held_out) for fold in found]
    inner = chooses(config)
    splits = tuple(_split(config, dataset, fold, how, drawn) if inner else _plain(fold) for fold in found)
    aside = f"; {len(parts.test)} test rows set aside" if len(parts.test) else ""
    chosen = "; part of each fold's training rows chooses (early stopping and the like)" if inner else ""
    return Plan(splits, parts.test, f"{how}{aside}{chosen}", inner, rows)


def _plain(fold: Fold) -> Split:
    return Split(fold.train, np.array([], dtype=np.int64), fold.held_out)


def _apart(dataset: Dataset, train: Array, held_out: Array) -> Array:
    """The training rows less those windows that hold what a held-out window has to answer."""
    if dataset.windows is None:
        return train
    found = dataset.windows.apart(train, held_out)
    if not len(found):
        raise DataError(
            f"all {len(train):,} training windows of a fold hold targets of its {len(held_out):,} held-out windows",
            expected="folds of rows that stand behind each other",
            hint="write `cv: {strategy: time}`, or a `group` for the folds",
        )
    return found


def _split(config: Config, dataset: Dataset, fold: Fold, how: str, drawn: dict[str, Any]) -> Split:
    """The fold's training rows less an inner validation part, drawn like the folds."""
    section = config.data.split
    share = section.validation if section is not None and not isinstance(section.validation, list) else 0
    train, validation = inner_part(fold.train, share=share or INNER_SHARE, like=how, **drawn)
    return Split(_apart(dataset, train, validation), validation, fold.held_out)
