"""A first config for a table: every column is looked at, and what becomes of it is said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nnrun.config.config import STEP_WORDS
from nnrun.config.step_names import means_something
from nnrun.data.columns import is_number, not_numbers
from nnrun.data.dataset import Dataset
from nnrun.data.sources.npz import TARGETS
from nnrun.data.target import Kind, kind_of
from nnrun.errors import DataError, UsageError, did_you_mean, listing
from nnrun.guide.begin import page as lines
from nnrun.guide.begin.first import Place
from nnrun.guide.begin.reading import read
from nnrun.guide.example import flow

FEW_TEXTS = 20  # as many columns of 0 and 1; with more a vector for each
MOST_TEXTS = 0.5  # of the rows: more different texts are names, not categories
_TELLS = "it alone tells the target: put it back if it is known before the answer is"
RESERVED = ("table", "name", *STEP_WORDS)


@dataclass(frozen=True)
class Columns:
    """What becomes of the columns, each with what was seen: blanks, values, or why it is left out."""

    numbers: Mapping[str, str]
    categories: Mapping[str, str]
    ids: Mapping[str, str]
    left_out: Mapping[str, str]

    def without(self, names: Sequence[str], reason: str) -> Columns:
        """The same, less some columns."""
        numbers, categories, ids = (
            {name: told for name, told in kept.items() if name not in names}
            for kept in (self.numbers, self.categories, self.ids)
        )
        return Columns(numbers, categories, ids, {**self.left_out, **dict.fromkeys(names, reason)})


def page(place: Place, target: str | None, title: str) -> tuple[str, tuple[str, ...]]:
    """The text of the config, and what is worth saying aloud."""
    settings, dataset = read(place, target)
    column = _target(dataset, target)
    columns = _columns(dataset, column)
    blank = int(_table(dataset)[column].isna().sum())
    if blank:
        hint = "take these rows out of the file, or fill them in"
        raise DataError(
            f"the target {column!r} is blank in {blank:,} rows", expected="an answer in every row", hint=hint
        )
    kind, why = kind_of(_values(dataset, column), column)
    classes = _classes(dataset, column) if kind == "classes" else {}
    if kind == "classes":
        columns = columns.without(_telling(dataset, column, columns), _TELLS)
    if not (columns.numbers or columns.categories or columns.ids):
        raise DataError(f"no column but {column!r} can be learned from", expected="numbers, or texts that recur")
    source = {"csv": settings if len(settings) > 1 else settings["path"]}
    text = [
        f"data:  # {dataset.size:,} rows, {len(_table(dataset).columns)} columns",
        f"  source: {flow(source)}",
        f"  target: {flow(column)}  # {_about(kind, why, classes)}",
        *_features(columns),
        *(f"  # left out: {name}, {reason}" for name, reason in columns.left_out.items()),
        *lines.split(dataset.size),
        *_model(columns, dataset, column, kind),
        *lines.training(dataset.size, imbalance=lines.imbalance(classes)),
    ]
    notes = [f"left out: {name}, {reason}" for name, reason in columns.left_out.items()]
    return title + "\n".join(text) + "\n", (*notes, *lines.rare(classes))


def _target(dataset: Dataset, written: str | None) -> str:
    known = [str(name) for name in _table(dataset).columns]
    no_names = "the file has no line of names; give it one, or name a column by its place" if known[:1] == ["0"] else ""
    if written is None:
        named = [name for name in known if name.lower() in TARGETS]
        if len(named) == 1:
            return named[0]
        raise UsageError(
            "which column is to be learned?", expected=listing(known, 30), hint="say it: `--target COLUMN`"
        )
    if written not in known:
        hint = no_names or did_you_mean(written, known)
        raise UsageError(f"there is no column {written!r}", expected=listing(known, 30), hint=hint)
    return written


def _columns(dataset: Dataset, target: str) -> Columns:
    """Sorts every column but the target."""
    sorted_: dict[str, dict[str, str]] = {"numbers": {}, "categories": {}, "ids": {}, "left_out": {}}
    for name in (str(name) for name in _table(dataset).columns):
        if name != target:
            where, told = _column(dataset, name)
            sorted_[where][name] = told
    return Columns(**sorted_)


def _column(dataset: Dataset, name: str) -> tuple[str, str]:
    """What a column becomes, and what was seen in it."""
    column = _table(dataset)[name]
    present, rows = column.dropna(), dataset.size
    different = int(present.nunique())
    blanks = rows - len(present)
    told = f"{blanks:,} blank" if blanks else ""
    if different < 2:
        return "left_out", "blank in every row" if different == 0 else "the same in every row"
    if is_number(column):
        if different == rows and rows > 20 and _counts_rows(column):
            return "left_out", "the number of the row"
        return "numbers", told
    texts = not_numbers(dataset, name)
    if texts is not None and texts.few:
        return "left_out", f"numbers but for {texts.texts:,} texts, such as {texts.example}: {texts.mend}"
    if different <= FEW_TEXTS:
        return "categories", f"{different} values" + (f", {told}" if told else "")
    if different > MOST_TEXTS * len(present):
        return "left_out", f"{different:,} different texts in {len(present):,} rows"
    return "ids", f"{different:,} values" + (f", {told}" if told else "")


def _counts_rows(column: Any) -> bool:
    """1, 2, 3, ...: a number that only names the row."""
    steps = column.diff().dropna().unique()
    return len(steps) == 1 and steps[0] == 1 and column.iloc[0] in (0, 1)


def _about(kind: Kind, why: str, classes: Mapping[str, int]) -> str:
    return f"a number: {why}" if kind == "number" else f"{len(classes)} classes: {lines.counts(classes)}"


def _features(columns: Columns) -> Iterator[str]:
    """The section `features`, a comment for every column of which there is something to say."""
    yield "  features:"
    if columns.numbers or columns.categories:
        yield "    table:"
    blanks = [f"{name} {told}" for name, told in columns.numbers.items() if told]
    if columns.numbers:
        yield from lines.wrapped("normalize", list(columns.numbers), 6)
    if blanks:
        yield f"      # blanks become the median of the training rows: {_some(blanks)}"
    if columns.categories:
        yield from lines.wrapped("one_hot", list(columns.categories), 6)
        yield f"      # {_some([f'{name}: {told}' for name, told in columns.categories.items()], '; ')}"
    for name, told in columns.ids.items():
        yield f"    {_key(name)}: {flow({'index': name})}  # {told}: a vector for each, in the model"


def _some(told: list[str], between: str = ", ", most: int = 4) -> str:
    """The first of what was seen, in a line that ends."""
    more = [f"and {len(told) - most} more"] if len(told) > most + 1 else []
    return between.join([*told[: most if more else None], *more])


def _model(columns: Columns, dataset: Dataset, target: str, kind: Kind) -> Iterator[str]:
    """Vectors for the columns with many values, two dense layers, and for large numbers their scale at the end."""
    yield "model:"
    yield "  layers:"
    for name in columns.ids:
        key = _key(name)
        size = f"$data.{key}.vocabulary_size"
        yield f"    - Embedding: {{input_dim: {size}, output_dim: 8, from: {key}, name: {key}_vector}}"
    joined = [
        *(["table"] if columns.numbers or columns.categories else []),
        *(f"{_key(n)}_vector" for n in columns.ids),
    ]
    if len(joined) > 1:
        yield f"    - Concatenate: {flow({'from': joined})}"
    yield from lines.hidden(dataset.size)
    scale = _scale(dataset, target) if kind == "number" else None
    if scale is None:
        yield "  # no outputs: the task adds the last layer, its loss and its metrics"
        return
    yield "    - Dense: 1"
    yield f"  # {target} is about {scale['offset']:g}, give or take {scale['scale']:g}: what is learned stays near 0"
    yield f"  outputs: {flow({'Rescaling': scale})}"


def _scale(dataset: Dataset, target: str) -> dict[str, float | int] | None:
    """Mean and deviation of the target to two digits, where they are far from 0 and 1."""
    values = _table(dataset)[target].dropna().astype(float)
    mean, deviation = float(values.mean()), float(values.std())
    if not deviation or (abs(mean) <= 10 and 0.1 <= deviation <= 10):
        return None
    rounded = {"scale": float(f"{deviation:.2g}"), "offset": float(f"{mean:.2g}")}
    return {name: int(value) if value.is_integer() else value for name, value in rounded.items()}


def _telling(dataset: Dataset, target: str, columns: Columns) -> list[str]:
    """Columns of which every value that recurs goes with one class only: the answer in other words."""
    table, found = _table(dataset), []
    for name in (*columns.numbers, *columns.categories, *columns.ids):
        groups = table.groupby(name, observed=True)[target].agg(["nunique", "size"])
        if len(groups) * 5 <= dataset.size and bool((groups["nunique"] == 1).all()):
            found.append(name)
    return found


def _classes(dataset: Dataset, target: str) -> dict[str, int]:
    counted = _table(dataset)[target].dropna().value_counts()
    return {str(name): int(count) for name, count in counted.items()}


def _values(dataset: Dataset, column: str) -> Any:
    return _table(dataset)[column].to_numpy(dtype=object)


def _table(dataset: Dataset) -> Any:
    """The rows as pandas holds them."""
    return dataset.columns


def _key(column: str) -> str:
    """A column's name as the name of an input: a name of one's own."""
    key = re.sub(r"\W+", "_", column.lower()).strip("_") or "column"
    key = f"column_{key}" if key[0].isdigit() else key
    taken = key in RESERVED or means_something(key)
    return f"{key}_id" if taken else key
