"""The proof, for one config, that what is fitted does not depend on rows that are held out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnrun.config.config import Config
from nnrun.data.dataset import Dataset
from nnrun.data.rows import Rows
from nnrun.errors import DataError, Problem, listing
from nnrun.survey.changed import changed

if TYPE_CHECKING:
    import numpy as np

    from nnrun.data.split import Split
    from nnrun.training.material import Material

SEED = 0
MOST_STREAMED = 256  # training rows that are compared of an input that is streamed


@dataclass(frozen=True)
class Proof:
    """What was compared, with how many rows changed, and as `problems` everything that differed.

    `unseen` is False where the data takes no values that the training rows do not have, so that none were tried.
    """

    problems: tuple[Problem, ...]

    partings: int
    compared: int
    rows: int
    unseen: bool

    def __str__(self) -> str:
        """The result as a sentence."""
        parts = "parting" if self.partings == 1 else "partings"
        how = "" if self.unseen else " (to values that occur in training rows)"
        return (
            f"no leaks: {self.compared:,} fitted values and prepared inputs of {self.partings} {parts} of the rows "
            f"stay the same to the bit when {self.rows:,} held-out rows are changed at random{how}"
        )


def prove(config: Config, dataset: Dataset) -> Proof:
    """Fits twice, the second time with every held-out row changed, and all that a held-out window has to answer.

    The parting of the rows is drawn once. Where the config has `cv`, each fold is a parting of its own.
    """
    with config.names():
        return _prove(config, dataset)


def _prove(config: Config, dataset: Dataset) -> Proof:
    found: dict[str, None] = {}
    compared, rows, unseen = 0, 0, True
    partings = _partings(config, dataset)
    for name, parts in partings.items():
        train = parts.train
        first = _state(config, dataset, train)
        try:
            second = _state(config, _changed(config, dataset, parts, unseen=True), train)
        except DataError:  # a value that nobody has seen may well be refused
            unseen = False
            second = _state(config, _changed(config, dataset, parts, unseen=False), train)
        differing = [key for key in {**first, **second} if first.get(key) != second.get(key)]
        found |= dict.fromkeys(f"{key}{name}" for key in _causes(differing))
        compared += len(first)
        rows += dataset.size - len(train)
    return Proof(tuple(_problem(config, told) for told in found), len(partings), compared, rows, unseen)


def _problem(config: Config, told: str) -> Problem:
    return Problem(
        f"{told} changes when rows that are not trained on are changed",
        config.document.key(("data",)),
        "what is fitted comes from the training rows alone",
        "if no plugin of yours does it, this is a fault of nnrun: please report it with the config",
    )


def _causes(differing: list[str]) -> list[str]:
    """What was fitted, where that differs; the rows that were prepared with it differ as well, and only follow."""
    return [key for key in differing if not key.startswith(_PREPARED)] or differing


def _partings(config: Config, dataset: Dataset) -> dict[str, Split]:
    """The split, and each fold where the config has folds, by what a message adds."""
    from nnrun.studies.plan import plan
    from nnrun.training.division import divide

    found = {"": divide(config, dataset)}
    if "cv" in config.document.data:
        splits = plan(config, dataset).splits
        found |= {f" (fold {number})": parts for number, parts in enumerate(splits, start=1)}
    return found


def _changed(config: Config, dataset: Dataset, parts: Split, *, unseen: bool) -> Dataset:
    import numpy as np

    from nnrun.training.matching import kind, raw, target_specs

    specs = [spec for spec in target_specs(config, dataset) if not spec.of_input]
    classes = {
        column
        for spec in specs
        if kind(config, dataset, spec, raw(dataset, spec)) == "classes"
        for column in spec.columns
    }
    held_out = np.concatenate([parts.validation, parts.test])
    return changed(dataset, parts.train, classes, SEED, held_out=held_out, unseen=unseen)


_PREPARED = "the prepared training rows of "


def _state(config: Config, dataset: Dataset, train: np.ndarray[Any, Any]) -> dict[str, str]:
    """All that is fitted, and the training rows that were prepared with it, each as a digest by its name."""
    from nnrun.training.division import section
    from nnrun.training.material import prepared
    from nnrun.training.resolve import resolved
    from nnrun.training.weights import class_weights

    material = prepared(config, dataset, train)
    found = {name: _digest(value) for name, value in _fitted(material)}
    found["$data"] = _digest(material.facts)
    found["resolved.yaml"] = _digest(resolved(config, material.answers, material.preparation, section(config, dataset)))
    weights = class_weights(config, material.answers, material.y(train))
    if weights is not None:
        found["class_weight"] = _digest([weights.rows, weights.table])
    for name, array in material.inputs.items():
        rows = train[:MOST_STREAMED] if isinstance(array, Rows) else train
        found[f"{_PREPARED}the input {name}"] = _digest(array[rows])
    for name, array in material.targets.items():
        found[f"{_PREPARED}the target of {name}"] = _digest(array[train])
    return found


def _fitted(material: Material) -> Iterator[tuple[str, Any]]:
    """Every fitted value by where it belongs: its input, the preparation and the columns, and its own name."""
    data, arrays = material.save_data()
    steps = {
        (name, str(number), str(place)): f"{step['name']} of {listing([str(c) for c in entry.get('columns', ())], 4)}"
        for name, entries in data["inputs"].get("inputs", {}).items()
        for number, entry in enumerate(entries)
        for place, step in enumerate(entry["steps"])
    }
    for path, value in _leaves(data, ()):
        inner = path[2:]
        is_step = path[:2] == ("inputs", "inputs") and len(inner) > 4 and inner[2] == "steps"
        step = steps.get((inner[0], inner[1], inner[3])) if is_step else None
        yield f"input {inner[0]}: {step}: {'.'.join(inner[4:])}" if step else ".".join(path), value
    for key, value in arrays.items():
        name, _, rest = key.rpartition("/")
        step = steps.get(tuple(name.rsplit("/", 2)))  # type: ignore[arg-type]
        yield f"input {name.rsplit('/', 2)[0]}: {step}: {rest}" if step else key, value


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    elif isinstance(value, list) and value and all(isinstance(inner, Mapping) for inner in value):
        for number, inner in enumerate(value):
            yield from _leaves(inner, (*path, str(number)))
    else:
        yield path, value


def _digest(value: Any) -> str:
    """Equal for equal bits alone."""
    import numpy as np

    if isinstance(value, np.ndarray) and value.dtype != object:
        head = f"{value.dtype} {value.shape}".encode()
        return hashlib.blake2b(head + np.ascontiguousarray(value).tobytes(), digest_size=16).hexdigest()
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple) and any(isinstance(inner, np.ndarray) for inner in value):
        return " ".join(_digest(inner) for inner in value)
    text = value if isinstance(value, str) else json.dumps(value, default=repr, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
