"""Which rows train, validate and test by a config, drawn before anything is fitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.config.config import Config
from nnrun.config.sections import SplitSection
from nnrun.data.dataset import Dataset
from nnrun.data.groups import group_column
from nnrun.data.split import Split, by_column, split
from nnrun.errors import DataError, did_you_mean, listing
from nnrun.training.matching import kind, raw, target_specs

DEFAULT_SHARE = 0.15


def section(config: Config, dataset: Dataset) -> SplitSection:
    """`data.split`; where it is not written, 15 % each for every part that the data does not bring itself."""
    if config.data.split is not None:
        return config.data.split
    shares = {part: DEFAULT_SHARE for part in ("validation", "test") if part not in dataset.parts}
    return SplitSection().model_copy(update=shares)


def divide(config: Config, dataset: Dataset) -> Split:
    """The parts, index for index as scikit-learn draws them."""
    wanted = section(config, dataset)
    given: Mapping[str, Any] = dataset.parts
    if wanted.column is not None:
        given = {**given, **_by_column(config, dataset, wanted)}
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


def labels(config: Config, dataset: Dataset) -> Any:
    """The raw class of every row, by the first target that is a class; None where there is none."""
    for spec in target_specs(config, dataset):
        values = raw(dataset, spec)
        if values.ndim == 1 and kind(config, dataset, spec, values) == "classes":
            return values
    return None


def groups(config: Config, dataset: Dataset) -> Any:
    """The group of every row, by the column that `cv.group` names; None where it names none."""
    column = config.cv.group
    if column is None:
        return None
    return group_column(dataset, column, config.document.value(("cv", "group")))


def _share(value: Any) -> float:
    return 0 if isinstance(value, list) else value


def _by_column(config: Config, dataset: Dataset, wanted: SplitSection) -> dict[str, Any]:
    known = [str(name) for name in dataset.columns.columns] if dataset.columns is not None else []
    if dataset.columns is None or wanted.column not in known:
        raise DataError(
            f"the split's column {wanted.column!r} does not exist",
            where=config.document.value(("data", "split", "column")),
            expected=f"one of {listing(known, 30)}" if known else "a table",
            hint=did_you_mean(str(wanted.column), known),
        )
    values = {part: getattr(wanted, part) for part in ("validation", "test")}
    lists = {part: value for part, value in values.items() if isinstance(value, list)}
    return by_column(dataset.columns[wanted.column].to_numpy(), lists)
