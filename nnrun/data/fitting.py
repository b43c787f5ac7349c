"""What is learned from the training rows: which columns, what fills their blanks, the state of every step."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nnrun.config.config import Entry, Features
from nnrun.config.spec import Spec
from nnrun.data.columns import is_number, not_numbers, require_columns
from nnrun.data.dataset import Dataset
from nnrun.data.features import file_settings, gives, gives_ids, preparation_module
from nnrun.data.file_table import is_filed, only
from nnrun.data.rows import ChosenRows, Rows
from nnrun.data.steps import applied, blanks_of, converted, first_values, given, of_array
from nnrun.data.unusable import named
from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MOST_WORDS = 6  # of a category's name, in the mean
MOST_CATEGORIES = 50  # text with more distinct training values is left out, unless `features` names it


@dataclass(frozen=True)
class FittedEntry:
    """An entry with the step that fills its blanks, the state of every step, and the shape of one row of it."""

    entry: Entry
    states: tuple[Mapping[str, Any], ...]
    shape: tuple[int, ...]


def automatic(dataset: Dataset, rows: np.ndarray[Any, Any], used_elsewhere: Set[str]) -> tuple[Features, list[str]]:
    """Numbers normalized and short text one-hot, in one input `table`; what is left out is said."""
    if dataset.columns is None:
        return {}, []
    normalized, texts, notes = [], [], []
    training, places = _training_rows(dataset, rows)
    assert training.columns is not None
    for name in (str(name) for name in dataset.columns.columns if name not in used_elsewhere):
        column = training.columns[name].iloc[places]
        if bool(column.isna().all()):
            notes.append(f"{name}: left out, it is blank in all {len(rows):,} training rows")
            continue
        if is_number(column):
            normalized.append(name)
            continue
        _refuse_typing_error(dataset, name)
        if _has_sentences(column):
            told = f"{name}: left out, its text has many words"
            notes.append(f"{told}; name it in `features` to use it: `{{words: {{text: {name}}}}}`")
            continue
        distinct = column.nunique()
        if distinct <= MOST_CATEGORIES:
            texts.append(name)
        else:
            notes.append(
                f"{name}: left out, its text has {distinct:,} distinct values (more than {MOST_CATEGORIES}); "
                "name it in `features`, for example as `{index: " + name + "}`, to use it"
            )
    pairs = (("normalize", normalized), ("one_hot", texts))
    table = tuple(Entry(tuple(names), (Spec(step, slot="preparations"),)) for step, names in pairs if names)
    return ({"table": table} if table else {}), notes


def _has_sentences(column: pd.Series[Any]) -> bool:
    """Whether a column holds texts of several words each, and no names of categories."""
    import numpy as np
    import pandas as pd

    codes, distinct = pd.factorize(column)
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    words = np.array([len(str(text).split()) for text in distinct])
    return bool(len(words)) and float((counts * words).sum() / counts.sum()) > MOST_WORDS


def _training_rows(dataset: Dataset, rows: np.ndarray[Any, Any]) -> tuple[Dataset, Any]:
    """What is learned from, and the places in it: of a table in files only the training rows are read."""
    return (only(dataset, rows), slice(None)) if is_filed(dataset) else (dataset, rows)


def _refuse_typing_error(dataset: Dataset, name: str) -> None:
    """A column of numbers in which a few texts stand would be taken for text from its first row to its last."""
    told = not_numbers(dataset, name)
    if told is not None and told.few:
        raise DataError(
            f"the column {name!r} holds text, {told.example}, and {told.numbers:,} numbers",
            expected="numbers, or text of few kinds",
            hint=f"{told.mend}; where it is text, name it in `features`: `one_hot: {name}`",
        )


def filling_step(missing: str | Mapping[str, Any]) -> Spec | None:
    """The step that fills blanks, None where they are errors."""
    if missing == "error":
        return None
    value = missing.get("value") if isinstance(missing, Mapping) and set(missing) == {"value"} else missing
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if value not in ("median", "mean") and not (numeric and isinstance(missing, Mapping)):
        raise DataError(f"missing is {missing!r}", expected="median, mean, error or {value: NUMBER}")
    return Spec("impute", {"value": value}, slot="preparations")


def fit_entry(
    dataset: Dataset,
    rows: np.ndarray[Any, Any],
    entry: Entry,
    filling: Spec | None,
    used_elsewhere: Set[str],
    notes: list[str],
) -> FittedEntry:
    """The entry with the step that fills its blanks, what each step has learned, and the shape of a row of it.

    `rows` are the training rows of the table.
    """
    source, places = _training_rows(dataset, rows)
    refuse_columns(source, places, entry, used_elsewhere)
    values, has = first_values(source, entry)
    imputed = any(step.name == "impute" for step in entry.steps)
    if has == "numbers" and not imputed and filling is not None:
        entry = replace(entry, steps=(filling, *entry.steps))
    learned = ChosenRows(values, rows) if isinstance(values, Rows) else values[places]
    states, learned = fit_steps(dataset, entry, learned, has, rows)
    for step, state in zip(entry.steps, states, strict=True):
        if step.name == "impute":
            _note_filled(notes, entry, step, blanks_of(dataset, entry), state["fill"])
        if "vectors_found" in state:
            told = f"{state['vectors_found']:,} of {len(state['vocabulary']):,} words have a vector"
            notes.append(f"{entry.columns[0]}: {told} in {step.arguments['vectors']}; the others begin with zeros")
    if has == "categories" and not imputed:
        for column, blanks in zip(entry.columns, blanks_of(dataset, entry).T, strict=True):
            own = "read as the unknown id 0" if gives_ids(entry) else "kept as a category"
            own = "read as a text without words" if entry.steps[-1].name == "text" else own
            notes += [f"{column}: {_count(blanks)} {own}"] if blanks.any() else []
    return FittedEntry(entry, tuple(states), tuple(int(size) for size in learned.shape[1:]))


def fit_steps(
    dataset: Dataset, entry: Entry, learned: Any, has: str, rows: np.ndarray[Any, Any]
) -> tuple[list[Mapping[str, Any]], Any]:
    """The state of each step, learned from what those before make of the training rows; and what all make of one."""
    states: list[Mapping[str, Any]] = []
    for place, step in enumerate(entry.steps, start=1):
        learned = converted(dataset, entry, step, learned, has, rows)
        if isinstance(learned, Rows) and gives(step) == "same" and step.name in ("normalize", "min_max"):
            learned = learned.read()
        with named(dataset, entry, rows):
            states.append(preparation_module(step).fit(learned, **_with_files(dataset, step)))
            # What the last step gives is asked for its shape alone.
            learned = applied(step, learned[:1] if place == len(entry.steps) else learned, states[-1])
        has = given(step, has)
    return states, learned


def _with_files(dataset: Dataset, step: Spec) -> dict[str, Any]:
    """The settings of a step, its files as they were found. Raises DataError for one that is not there."""
    files = {key: dataset.named.get(str(step.arguments[key])) for key in file_settings(step) if step.arguments.get(key)}
    for found in files.values():
        if isinstance(found, DataError):
            raise found
    return {**step.arguments, **files}


def refuse_columns(
    dataset: Dataset, rows: np.ndarray[Any, Any] | slice, entry: Entry, used_elsewhere: Set[str] = frozenset()
) -> None:
    """Columns that no input may hold, or from which nothing can be learned."""
    for column in entry.columns:
        if column in used_elsewhere:
            raise DataError(
                f"the column {column!r} is an input and also the target, a group or a weight",
                where=entry.where,
                expected="columns that a model may look at",
                hint=f"take {column!r} out of `features`",
            )
    if of_array(dataset, entry):
        return
    table = require_columns(dataset, entry.columns, entry.where)
    for column in entry.columns:
        if bool(table[column].iloc[rows].isna().all()):
            raise DataError(
                f"the column {column!r} is blank in all {len(table[column].iloc[rows]):,} training rows",
                where=entry.where,
                expected="at least one value to learn from",
                hint=f"leave {column!r} out of `features`",
            )


def _note_filled(
    notes: list[str], entry: Entry, step: Spec, blanks: np.ndarray[Any, Any], fill: np.ndarray[Any, Any]
) -> None:
    written = step.arguments.get("value", "median")
    source = f"the training {written}" if isinstance(written, str) else "the value"
    for place, column in enumerate(entry.columns):
        if blanks[:, place].any():
            notes.append(f"{column}: {_count(blanks[:, place])} filled with {source} {fill[place]:g}")


def _count(blanks: np.ndarray[Any, Any]) -> str:
    count = int(blanks.sum())
    return f"{count:,} blank{'' if count == 1 else 's'}"
