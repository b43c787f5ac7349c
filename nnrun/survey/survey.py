"""A look at the data of a config before anything is trained, as its training would read and part it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import TYPE_CHECKING, Any

from nnrun.config.config import Config, Entry
from nnrun.data.dataset import Dataset, row_name
from nnrun.data.rows import Rows
from nnrun.survey.columns import columns
from nnrun.survey.duplicates import duplicates
from nnrun.survey.findings import findings
from nnrun.survey.records import ArrayFacts, InputFacts, Survey, TargetFacts
from nnrun.survey.telling import Telling, telling

if TYPE_CHECKING:
    import numpy as np

    from nnrun.data.preparation import Preparation
    from nnrun.data.split import Split
    from nnrun.training.answers import Answer

    Array = np.ndarray[Any, Any]

PARTS = ("train", "validation", "test")
MOST_MEASURED = 2000  # training rows of an array whose numbers are looked at, drawn with a seed
MOST_PLACES = 200  # columns of a flat array that are looked at one by one


def survey(config: Config, dataset: Dataset, rows: int = 5) -> Survey:
    """Looks at the data as a training would read and part it; `rows` is the size of the sample."""
    with config.names():
        return _survey(config, dataset, rows)


def _survey(config: Config, dataset: Dataset, rows: int) -> Survey:
    from nnrun.training.division import divide
    from nnrun.training.material import fitted, truth, unfilled

    split = divide(config, dataset)
    preparation, answers = fitted(config, dataset, split.train)
    known = unfilled(config, preparation, answers)
    raws = _raw(dataset, answers)
    goes = _goes(config, preparation, answers)
    entries = [entry for made_of in preparation.features.values() for entry in made_of]
    inputs = {*preparation.arrays, *(column for entry in entries for column in entry.columns)}
    table = columns(dataset, dataset.records(split.train), goes, inputs, _categories(entries))
    arrays = tuple(_array(name, array, split.train, goes) for name, array in dataset.arrays.items())
    targets = tuple(_target(answer, values, truth(answer, dataset, preparation, {}), split) for answer, values in raws)
    parts = {part: getattr(split, part) for part in PARTS if len(getattr(split, part))}
    twice = duplicates(dataset, inputs, parts, [values for _, values in raws])
    tell = tuple(_telling(dataset, inputs, answers, split))
    return Survey(
        description=dataset.description,
        rows=dataset.size,
        how=split.how,
        parts={part: len(numbers) for part, numbers in parts.items()},
        columns=table,
        arrays=arrays,
        targets=targets,
        inputs=tuple(
            _input(name, {**told, "shape": known.shapes[name]}, preparation) for name, told in preparation.facts.items()
        ),
        facts=known.facts,
        duplicates=twice,
        telling=tell,
        findings=tuple(findings((*table, *arrays), targets, twice, tell)),
        notes=tuple(preparation.notes),
        sample=_sample(dataset, split.train, rows),
    )


def _goes(config: Config, preparation: Preparation, answers: Mapping[str, Answer]) -> dict[str, str]:
    """By column or array what uses it: an input and through what, a target, or how the rows are parted and weighed."""
    found = {name: name for name in preparation.arrays}
    for name, entries in preparation.features.items():
        for entry in entries:
            found |= dict.fromkeys(entry.columns, f"{name}: {_through(entry)}")
    for answer in answers.values():
        found |= {column: f"target {answer.output}" for column in answer.spec.taken if column not in found}
    split = config.data.split
    others = {"weight": config.data.weight, "group": config.group, "split": split.column if split else None}
    return found | {column: role for role, column in others.items() if column}


def _categories(entries: Iterable[Entry]) -> set[str]:
    """The columns of which each value that a training row has becomes a category."""
    from nnrun.data.features import preparation_module

    def are(entry: Entry) -> bool:
        module = preparation_module(entry.steps[0])
        return module.TAKES == "categories" and not hasattr(module, "shape")

    return {column for entry in entries if are(entry) for column in entry.columns}


def _through(entry: Entry) -> str:
    """The steps of an entry; that blanks would be filled goes without saying where more is done."""
    names = [step.name for step in entry.steps]
    return ", ".join([name for name in names if name != "impute"] or names)


def _raw(dataset: Dataset, answers: Mapping[str, Answer]) -> list[tuple[Answer, Array]]:
    """Each output with its target as it was read."""
    from nnrun.training.matching import raw

    return [(answer, raw(dataset, answer.spec)) for answer in answers.values() if not answer.spec.of_input]


def _array(name: str, array: Any, train: Array, goes: Mapping[str, str]) -> ArrayFacts:
    import numpy as np

    some = np.sort(np.random.default_rng(0).permutation(train)[:MOST_MEASURED])
    told: dict[str, Any] = {
        "name": name,
        "shape": tuple(array.shape[1:]),
        "type": str(array.dtype),
        "goes": goes.get(name, ""),
    }
    if array.dtype.kind not in "buif" or not len(some):
        return ArrayFacts(**told)
    values = array[some]
    finding = "" if values.min() < values.max() else "the same number everywhere"
    if values.ndim == 2 and values.shape[1] > 1 and not finding:
        still = int((values.min(axis=0) == values.max(axis=0)).sum())
        finding = (
            f"{still:,} of {array.shape[1]:,} columns are the same in all of the {len(some):,} training rows looked at"
            if still
            else ""
        )
    told |= {"minimum": float(values.min()), "mean": float(values.mean(dtype=np.float64))}
    return ArrayFacts(**told, maximum=float(values.max()), finding=finding)


def _target(answer: Answer, values: Array, prepared: Array, split: Split) -> TargetFacts:
    """Classes are counted in every part, which chooses nothing; numbers are those of the target as it was read."""
    import numpy as np

    classes: dict[str, dict[str, int]] = {}
    numbers: dict[str, float] = {}
    if answer.task.kind == "classes":
        by_part = {part: answer.counts(prepared[getattr(split, part)]) for part in PARTS}
        classes = {
            name: {part: int(counts[place]) for part, counts in by_part.items()}
            for place, name in enumerate(answer.target.classes)
        }
    elif values.dtype.kind in "biufO":
        known = values[split.train].astype(np.float64)  # texts that say numbers, too; others were refused before
        ends = {"minimum": known.min(), "mean": known.mean(), "median": np.median(known), "maximum": known.max()}
        numbers = {name: float(value) for name, value in ends.items()}
    return TargetFacts(answer.output, answer.task.name, answer.reason, classes, numbers)


def _input(name: str, told: Mapping[str, Any], preparation: Preparation) -> InputFacts:
    made = [f"{_through(entry)} of {', '.join(entry.columns)}" for entry in preparation.features.get(name, ())]
    return InputFacts(name, tuple(told["shape"]), str(told["dtype"]), tuple(made))


def _telling(dataset: Dataset, inputs: Set[str], answers: Mapping[str, Answer], split: Split) -> Iterator[Telling]:
    """Judged by the validation part, else by a fifth of the training rows."""
    import numpy as np

    if dataset.windows is not None:
        return
    train, held_out = split.train, split.validation
    if not len(held_out):
        mixed = np.random.default_rng(0).permutation(train)
        train, held_out = mixed[len(mixed) // 5 :], mixed[: len(mixed) // 5]
    targets = {
        answer.output: (answer.target.kind, values)
        for answer, values in _raw(dataset, answers)
        if values.ndim == 1 and not answer.task.everywhere
    }
    yield from telling(_candidates(dataset, inputs), targets, train, held_out)


def _candidates(dataset: Dataset, inputs: Set[str]) -> dict[str, Array]:
    """One value a row by name: columns of the table, and those of flat arrays."""
    import numpy as np

    from nnrun.data.categories import as_text
    from nnrun.data.columns import is_number

    found: dict[str, Array] = {}
    if dataset.columns is not None:
        for name in (name for name in dataset.columns.columns if str(name) in inputs):
            values = dataset.columns[name]
            texts = None if is_number(values) else as_text(values.to_numpy(object))
            found[str(name)] = values.to_numpy(np.float64, na_value=np.nan) if texts is None else texts
    for name, array in dataset.arrays.items():
        if name in inputs and not isinstance(array, Rows) and array.dtype.kind in "buif" and array.ndim < 3:
            flat = array.reshape(len(array), -1)[:, :MOST_PLACES]
            alone = array.ndim == 1
            found |= {name if alone else f"{name}[{place}]": flat[:, place] for place in range(flat.shape[1])}
    return found


def _sample(dataset: Dataset, train: Array, rows: int) -> dict[str, dict[str, Any]]:
    import numpy as np

    if dataset.columns is None or rows < 1:
        return {}
    records = dataset.records(train)
    chosen = np.sort(np.random.default_rng(0).permutation(records)[:rows])
    cells = {str(name): dataset.columns[name].iloc[chosen].tolist() for name in dataset.columns.columns}
    return {
        row_name(int(row), dataset.lines): {name: column[place] for name, column in cells.items()}
        for place, row in enumerate(chosen)
    }
