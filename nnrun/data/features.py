"""Which columns become which input, and through which preparations: what a config says, nothing fitted."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import replace
from types import ModuleType
from typing import Any

from nnrun.config.config import Entry, Features
from nnrun.config.spec import Spec
from nnrun.errors import DataError, did_you_mean, listing

OTHERS = "others"  # in the place of columns: all that nothing else uses


def preparations() -> tuple[str, ...]:
    """The names of every preparation, read from their folder."""
    package = importlib.import_module("nnrun.data.preparations")
    return tuple(sorted(module.name for module in pkgutil.iter_modules(package.__path__)))


def file_settings(step: Spec) -> tuple[str, ...]:
    """The settings of a preparation that name a file: those annotated `Path`."""
    signature = inspect.signature(preparation_module(step).fit)
    return tuple(key for key, found in signature.parameters.items() if str(found.annotation) in ("Path", "Path | None"))


def preparation_module(spec: Spec) -> ModuleType:
    """The module of a step, once its name and its settings are known to fit."""
    where = spec.where if spec.where.file else None
    if spec.name not in preparations():
        raise DataError(
            f"there is no preparation {spec.name!r}",
            where=where,
            expected=f"one of {listing(preparations())}",
            hint=did_you_mean(spec.name, preparations()),
        )
    module = importlib.import_module(f"nnrun.data.preparations.{spec.name}")
    settings = tuple(inspect.signature(module.fit).parameters)[1:]
    for key in spec.arguments:
        if key not in settings:
            raise DataError(
                f"{spec.name} has no setting {key!r}",
                where=where,
                expected=f"one of {listing(settings)}" if settings else "no settings beside `columns`",
                hint=did_you_mean(key, settings),
            )
    return module


def takes(step: Spec) -> str:
    """What a step is given: "numbers", "categories" or "files"."""
    return str(preparation_module(step).TAKES)


def gives(step: Spec) -> str:
    """What a step hands on: "numbers", "ids" or "array"; the settings of some decide it."""
    module = preparation_module(step)
    return str(module.gives(step.arguments)) if hasattr(module, "gives") else str(module.GIVES)


def result(entry: Entry) -> str:
    """What an entry gives: "numbers" or "ids", side by side with others of their kind, or an "array", alone."""
    found = "numbers"
    for step in entry.steps:
        given = gives(step)
        found = found if given == "same" else given
    return found


def gives_ids(entry: Entry) -> bool:
    """Whether the entry gives integers for an `Embedding` in place of numbers."""
    return bool(entry.steps) and result(entry) == "ids"


def input_shape(
    entries: Sequence[Entry], arrays: Mapping[str, tuple[int | None, ...] | None] | None = None
) -> tuple[int | None, ...] | None:
    """The shape of one row of an input; None where the training rows decide a size, or all of it.

    One column of ids alone has the shape (), so that an `Embedding` of it is a vector and not a sequence. `arrays` are
    the shapes of the source's arrays, which entries may name in place of columns.
    """
    if len(entries) == 1 and len(entries[0].columns) == 1 and entries[0].columns[0] in (arrays or {}):
        return (arrays or {})[entries[0].columns[0]]
    if len(entries) == 1 and _shaped(entries[0]) is not None:
        step, count = _shaped(entries[0]), _count(entries[0])
        assert step is not None
        shape: tuple[int | None, ...] | None = preparation_module(step).shape(step.arguments, count)
        return shape
    if len(entries) == 1 and _count(entries[0]) == 1 and gives_ids(entries[0]):
        return ()
    total = 0
    for entry in entries:
        width = _count(entry)
        for step in entry.steps:
            module = preparation_module(step)
            width = module.width(step.arguments, width) if width is not None and hasattr(module, "width") else None
        if width is None:
            return (None,)
        total += width
    return (total,)


def _count(entry: Entry) -> int | None:
    """How many columns an entry has, where the config tells it."""
    return None if entry.columns == (OTHERS,) else len(entry.columns)


def _shaped(entry: Entry) -> Spec | None:
    """The step of an entry that gives a shape of its own; steps behind it keep it."""
    return next((step for step in entry.steps if hasattr(preparation_module(step), "shape")), None)


def with_others(features: Features, known: Sequence[str], taken: Set[str]) -> Features:
    """Entries of `others` with the columns that no entry names and that are not `taken` as target, group or weight."""
    if OTHERS in known:  # a column of that name
        return features
    named = {column for entries in features.values() for entry in entries for column in entry.columns}
    rest = tuple(name for name in known if name not in named | taken)
    return {
        name: tuple(replace(entry, columns=rest) if entry.columns == (OTHERS,) else entry for entry in entries)
        for name, entries in features.items()
    }


def column_by_column(features: Features) -> Features:
    """The same inputs with an entry for each column, where its preparations look at each column by itself."""

    def parted(entry: Entry) -> tuple[Entry, ...]:
        modules = [preparation_module(step) for step in entry.steps]
        together = any(getattr(module, "COMBINES", False) or not hasattr(module, "width") for module in modules)
        if together or gives_ids(entry):
            return (entry,)
        return tuple(replace(entry, columns=(column,)) for column in entry.columns)

    return {name: tuple(one for entry in entries for one in parted(entry)) for name, entries in features.items()}


def check_features(features: Features, arrays: Collection[str] = ()) -> None:
    """Refuse steps that do not exist, a column that an input uses twice and an input that mixes kinds."""
    for name, entries in features.items():
        users: set[str] = set()  # of this input: two inputs may share a column, as wide and deep networks do
        if not entries:
            raise DataError(f"the input {name} has no columns", expected="at least one preparation with columns")
        for entry in entries:
            for step in entry.steps:
                preparation_module(step)
            if not entry.columns or not entry.steps:
                raise DataError(
                    f"an entry of the input {name} has no {'steps' if entry.columns else 'columns'}",
                    where=entry.where,
                    expected="columns and at least one preparation, such as `{normalize: [age]}`",
                )
            _check_order(entry)
            if getattr(preparation_module(entry.steps[0]), "COMBINES", False):
                continue
            for column in entry.columns:
                if column in users:
                    raise DataError(
                        f"the column {column!r} is used twice, in {name}",
                        where=entry.where,
                        expected="every column in one entry of an input",
                        hint="several steps on one column are `{columns: [...], steps: [...]}`",
                    )
                users.add(column)
        _check_kinds(name, entries, arrays)


def _check_order(entry: Entry) -> None:
    """Every step can take what the one before it gives."""
    has = takes(entry.steps[0])
    for step in entry.steps:
        wanted, previous = takes(step), has
        fits = wanted == has or (wanted == "categories" and has == "numbers")
        if has == "array":
            fits = bool(getattr(preparation_module(step), "ANY_RANK", False))
        if not fits:
            raise DataError(
                f"{step.name} takes {wanted} and stands behind a step that gives {previous}",
                where=entry.where,
                expected="steps that fit together, such as `[{impute: median}, normalize]`",
            )
        given = gives(step)
        has = has if given == "same" else given


def _check_kinds(name: str, entries: Sequence[Entry], arrays: Collection[str]) -> None:
    kinds = {result(entry) for entry in entries}
    alone = [
        entry for entry in entries if result(entry) == "array" or any(column in arrays for column in entry.columns)
    ]
    if alone and len(entries) > 1:
        raise DataError(
            f"the input {name} puts {alone[0].steps[0].name} side by side with other columns",
            where=alone[0].where,
            expected="an input of its own for each array",
            hint="give each a name: `features: {table: [...], NAME: {...}}`",
        )
    if len(kinds) > 1:
        raise DataError(
            f"the input {name} mixes integers from {_ids_of(entries)} with numbers",
            where=next(entry.where for entry in entries if gives_ids(entry)),
            expected="inputs of integers, for an Embedding, or of numbers",
            hint="give the index an input of its own: `features: {table: [...], NAME: {index: COLUMN}}`",
        )


def _ids_of(entries: Sequence[Entry]) -> Any:
    return next(entry.steps[-1].name for entry in entries if gives_ids(entry))
