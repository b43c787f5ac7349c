"""What a config makes of the columns, so that rows which cannot serve are known before any row is drawn."""

from __future__ import annotations

from collections.abc import Iterator

from nnrun.config.config import Config, Entry
from nnrun.data.columns import is_number, not_numbers
from nnrun.data.dataset import Dataset
from nnrun.data.features import OTHERS, takes, with_others
from nnrun.data.screening import Wanted, screen
from nnrun.data.target import Kind, kind_of
from nnrun.training.matching import infer, match, raw, target_specs


def usable(config: Config, dataset: Dataset) -> Dataset:
    """The dataset of one source without rows that its config cannot use; `on_bad: fail` refuses the first of them."""
    if dataset.columns is None:
        return dataset
    targets = _targets(config, dataset)
    taken = {*targets, *(column for spec in config.data.targets for column in spec.taken)} | config.columns_about_rows
    entries = [*_entries(config, dataset, taken)]
    numbers = [column for entry in entries for column in entry.columns]
    filled = [column for entry in entries if not _fills(entry) for column in entry.columns]
    wanted = Wanted(numbers, filled if config.data.missing == "error" else (), targets)
    return screen(dataset, wanted, config.data.on_bad)


def _entries(config: Config, dataset: Dataset, taken: set[str]) -> Iterator[Entry]:
    """The entries whose columns are to be numbers; without `features` columns that are numbers but for a few texts."""
    assert dataset.columns is not None
    columns = [str(name) for name in dataset.columns.columns]
    if config.data.features is None:
        for name in columns:
            texts = None if is_number(dataset.columns[name]) else not_numbers(dataset, name)
            if name not in taken and (is_number(dataset.columns[name]) or (texts is not None and texts.few)):
                yield Entry((name,), ())
        return
    for entries in with_others(config.data.features, columns, taken).values():
        yield from (entry for entry in entries if entry.columns != (OTHERS,) and takes(entry.steps[0]) == "numbers")


def _fills(entry: Entry) -> bool:
    return any(step.name == "impute" for step in entry.steps)


def _targets(config: Config, dataset: Dataset) -> dict[str, Kind]:
    """Columns that are targets, and whether they are numbers or classes."""
    assert dataset.columns is not None
    found: dict[str, Kind] = {}
    for output, (spec, _) in match(config, target_specs(config, dataset)).items():
        columns = [column for column in spec.columns if column in dataset.columns]
        if spec.of_input or not columns or len(columns) < len(spec.columns):
            continue
        if spec.steps:
            entry = Entry(spec.columns, spec.steps)
            if takes(spec.steps[0]) == "numbers" and not _fills(entry):
                found.update(dict.fromkeys(columns, "number"))
            continue
        column = columns[0] if len(columns) == 1 else str(spec.name)
        kind, reason = infer(config, output, raw(dataset, spec), column, spec, named=column in dataset.classes)[1:]
        if reason == f"{column} holds text" and _is_number_but_for_few(dataset, column):
            kind = "number"
        found.update(dict.fromkeys(columns, kind))
    return found


def _is_number_but_for_few(dataset: Dataset, name: str) -> bool:
    """Whether a column holds measured numbers and a few texts, and no classes of which some are called by numbers."""
    import pandas as pd

    assert dataset.columns is not None
    texts = not_numbers(dataset, name)
    if texts is None or not texts.few:
        return False
    numbers = pd.to_numeric(dataset.columns[name], errors="coerce").dropna().to_numpy(dtype="float64")
    return kind_of(numbers, name)[0] == "number"
