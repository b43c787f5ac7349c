"""Which columns become which input, and through which preparations: what a config says, nothing fitted."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Sequence
from types import ModuleType

from nnrun.config.config import Entry, Features
from nnrun.config.spec import Spec
from nnrun.errors import DataError, did_you_mean, listing


def preparations() -> tuple[str, ...]:
    """The names of every preparation, read from their folder."""
    package = importlib.import_module("nnrun.data.preparations")
    return tuple(sorted(module.name for module in pkgutil.iter_modules(package.__path__)))


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


def gives_ids(entry: Entry) -> bool:
    """Whether the entry gives integers for an `Embedding` in place of numbers."""
    return bool(entry.steps) and preparation_module(entry.steps[-1]).GIVES == "ids"


def input_shape(entries: Sequence[Entry]) -> tuple[int | None, ...]:
    """The shape of one row of an input; None where the number of categories decides.

    One column of ids alone has the shape (), so that an `Embedding` of it is a vector and not a sequence.
    """
    if len(entries) == 1 and len(entries[0].columns) == 1 and gives_ids(entries[0]):
        return ()
    total = 0
    for entry in entries:
        width: int | None = len(entry.columns)
        for step in entry.steps:
            width = None if width is None else preparation_module(step).width(step.arguments, width)
        if width is None:
            return (None,)
        total += width
    return (total,)


def check_features(features: Features) -> None:
    """Refuse steps that do not exist, a column that is used twice and an input that mixes ids and numbers."""
    users: dict[str, str] = {}
    for name, entries in features.items():
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
            if getattr(preparation_module(entry.steps[0]), "COMBINES", False):
                continue
            for column in entry.columns:
                if column in users:
                    others = f"{users[column]} and in " if users[column] != name else ""
                    raise DataError(
                        f"the column {column!r} is used twice, in {others}{name}",
                        where=entry.where,
                        expected="every column in one entry",
                        hint="several steps on one column are `{columns: [...], steps: [...]}`",
                    )
                users[column] = name
        if len({gives_ids(entry) for entry in entries}) > 1:
            raise DataError(
                f"the input {name} mixes integers from index with numbers",
                where=next(entry.where for entry in entries if gives_ids(entry)),
                expected="inputs of integers, for an Embedding, or of numbers",
                hint="give the index an input of its own: `features: {table: [...], NAME: {index: COLUMN}}`",
            )
