"""What the headers of the data tell about inputs, columns and targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from nnrun.check import vectors
from nnrun.check.inputs import (
    cropped,
    features_of,
    input_facts,
    input_shapes,
    may_use_target,
    shortened,
    target_facts,
    tokens,
)
from nnrun.config.config import Config, TargetSpec
from nnrun.config.keeping import group_of
from nnrun.config.masked import Masked
from nnrun.data import sources
from nnrun.data.dataset import Peek
from nnrun.data.features import check_features
from nnrun.data.files import Roots
from nnrun.data.transform import check_transform
from nnrun.errors import DataError, Problem, SettingError, did_you_mean, listing, one_of


@dataclass(frozen=True)
class Seen:
    """Headers, read; `shapes` of one row by input, None where the data itself decides."""

    peek: Peek
    shapes: Mapping[str, tuple[int | None, ...] | None]
    read: Mapping[str, tuple[int | None, ...] | None]  # the same of rows as they are read, before training crops them
    facts: Mapping[str, Any]
    targets: tuple[str, ...]
    problems: tuple[Problem, ...]
    data_problems: tuple[Problem, ...]  # of the files, not of the config
    warnings: tuple[str, ...]


def look(config: Config, roots: Roots) -> Seen:
    """Peeks at the sources; a file that is not there is a warning, a column that is not there an error."""
    data = config.data
    problems: list[Problem] = []
    damaged: list[Problem] = []
    warnings: list[str] = []
    peek = Peek()
    for spec in (data.source, data.test, data.validation):
        if spec is None or spec.name not in sources.names():
            continue
        try:
            told = sources.peek(spec.name, spec.arguments, roots, spec.where, data.on_bad)
        except DataError as error:
            placed = [replace(problem, where=problem.where or spec.where) for problem in error.problems]
            (problems if isinstance(error, SettingError) else damaged).extend(placed)
            continue
        warnings += [
            f"{spec.where}: there is no {name!r} here; its columns and shapes are not checked" for name in told.missing
        ]
        if spec is data.source:
            peek = told
    read = shortened(config, input_shapes(config, peek))
    told_shapes = cropped(config, read)
    promised = {name: shape for name, shape in (config.model.inputs or {}).items() if name in told_shapes}
    shapes = {**told_shapes, **(promised if told_shapes else config.model.inputs or {})}
    targets = tuple(str(target.name) for target in data.targets) or ((peek.target,) if peek.target else ())
    problems += _columns(config, peek)
    problems += _promised(config, told_shapes)
    problems += _copies(config, shapes)
    problems += _features(config, peek) + _transforms(config)
    of_vectors, missing = vectors.look(config, roots)
    problems, warnings = [*problems, *of_vectors], [*warnings, *missing]
    facts: dict[str, Any] = {**input_facts(config, shapes), **target_facts(config)}
    facts["num_classes"] = peek.num_classes if len(targets) <= 1 else None
    return Seen(peek, shapes, {**shapes, **read}, facts, targets, tuple(problems), tuple(damaged), tuple(warnings))


def may_be_array(config: Config, seen: Seen, target: str | None) -> bool:
    """Whether a row of the target is an array, which may be one-hot already; who knows of arrays that are not there."""
    if any(spec.name == target and (spec.of_input or spec.steps) for spec in config.data.targets):
        return True
    if seen.peek.missing:
        return config.data.source.name in ("npz", "npy")
    shape = (dict(seen.peek.targets) | dict(seen.peek.arrays)).get(target or "", ())
    return bool(shape) and shape[-1] != 1


def _promised(config: Config, shapes: Mapping[str, tuple[int | None, ...] | None]) -> list[Problem]:
    """`model.inputs` is a promise about the data, held to what the headers tell."""
    found = []
    for name, written in (config.model.inputs or {}).items() if shapes else ():
        actual = shapes.get(name)
        where = config.document.value(("model", "inputs", name))
        if name not in shapes:
            told = f"the data has no input {name!r}"
            found.append(Problem(told, where, one_of(list(shapes)), did_you_mean(name, list(shapes))))
        elif actual is not None and (
            len(actual) != len(written)
            or any(None not in pair and pair[0] != pair[1] for pair in zip(written, actual, strict=True))
        ):
            found.append(Problem(f"the input {name!r} of the data is {list(actual)}", where, str(list(written))))
    return found


def _features(config: Config, peek: Peek) -> list[Problem]:
    """Entries that do not go together, and a target that would tell its own answer."""
    features = features_of(config, peek)
    if features is None:
        return []
    problems: list[Problem] = []
    try:
        check_features({name: entries for name, entries in features.items() if entries}, peek.arrays)
    except DataError as error:
        problems += error.problems
    targets = {column for target in config.data.targets for column in target.taken}
    for entries in () if may_use_target(config) else features.values():
        for entry in entries:
            for column in targets.intersection(entry.columns):
                what = f"the target {column!r} is among the features, so the answer would be told"
                problems.append(Problem(what, entry.place(column), hint="take it out of the features"))
    return problems


def _copies(config: Config, shapes: Mapping[str, Any]) -> list[Problem]:
    """Targets that are a copy of an input, and inputs that are not there."""
    found = []
    for target in config.data.targets:
        if target.of_input and shapes and target.name not in shapes:
            known = list(shapes)
            of = "is a copy of" if target.copy else "is hidden in" if target.masked else "is what follows in"
            what = f"the target {of} {target.name!r}, which is no input"
            found.append(Problem(what, target.where, one_of(known), did_you_mean(str(target.name), known)))
        shape = shapes.get(str(target.name)) if target.following else None
        if shape is not None and len(shape) < (1 if target.name in tokens(config) else 2):
            what = f"the target is what follows each step of {target.name!r}, whose rows have no steps"
            hint = "`{text: COLUMN}` gives tokens, `data.windows` a series"
            found.append(Problem(what, target.where, "an input of tokens, of a series, or of pictures in a row", hint))
        elif target.masked is not None and (not shapes or target.name in shapes):
            found += _masked(config, target, target.masked)
        if target.copy and not config.model.outputs:
            what = f"the target is a copy of {target.name!r}, and the task cannot know the layers that give it back"
            hint = "for example `outputs: {Dense: {units: 64, activation: sigmoid}}`"
            found.append(Problem(what, target.where, "`outputs:` under model", hint))
    return found


def _masked(config: Config, target: TargetSpec, how: Masked) -> list[Problem]:
    """Tokens can be hidden in a text, or in an array of their numbers when it is said which number hides."""
    entries = (config.data.features or {}).get(str(target.name), ())
    is_text = len(entries) == 1 and entries[0].steps[-1].name == "text"
    if is_text and how.mask is not None:
        what = f"mask is {how.mask}, and {target.name} is a text, whose vocabulary has a number for what is hidden"
        return [Problem(what, target.where, hint="leave it out")]
    if is_text and entries[0].steps[-1].arguments.get("output_mode", "int") == "int":
        return []
    if entries or how.mask is None:
        what = f"the target is what is hidden in {target.name!r}, which is no text as numbers"
        hint = "of an array of numbers of tokens, `masked: {input: ..., mask: 29999}` says which number hides"
        expected = f"`{target.name}: {{text: COLUMN}}` under data.features"
        return [Problem(what, target.where, expected, "" if entries else hint)]
    return []


def _transforms(config: Config) -> list[Problem]:
    """Targets that go through steps which give no target."""
    found: list[Problem] = []
    for target in config.data.targets:
        try:
            check_transform(target)
        except DataError as error:
            found += error.at(target.where).problems
    return found


def _columns(config: Config, peek: Peek) -> list[Problem]:
    """Names of columns against the header."""
    if peek.columns is None:
        return []
    known = [str(name) for name in peek.columns]
    problems = []

    def missing(name: str, what: str, where: Any) -> None:
        if name not in known:
            problems.append(
                Problem(
                    f"{what} {name!r} does not exist",
                    where,
                    one_of(known),
                    did_you_mean(name, known),
                )
            )

    for entries in (features_of(config, peek) or {}).values():
        for entry in entries:
            for column in entry.columns:
                if column not in peek.arrays:
                    missing(column, "the column", entry.place(column))
    for target in config.data.targets:
        for column in target.taken if not target.columns or target.columns[0] not in peek.targets else ():
            missing(column, "the target", target.where)
    split = config.data.split
    if split is not None and split.column is not None:
        missing(split.column, "the split's column", config.document.value(("data", "split", "column")))
    if config.data.weight is not None:
        where = config.document.value(("data", "weight"))
        missing(config.data.weight, "the weight", where)
        if any(config.data.weight in target.taken for target in config.data.targets):
            problems.append(Problem(f"the weight {config.data.weight!r} is the target too", where, "another column"))
    if config.group is not None:
        _, path = group_of(split, config.cv)
        missing(config.group, "the group column", config.document.value(path))
    if not config.data.targets and peek.target is None and not config.model.losses:
        problems.append(
            Problem(
                "the data has no target of its own",
                config.document.key(("data", "target")),
                "`target: COLUMN` under data",
                f"columns: {listing(known)}",
            )
        )
    return problems
