"""The data of one training as arrays: everything that is fitted is fitted on its training rows, here and only here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from nnrun.config.config import Config
from nnrun.data.columns import is_number
from nnrun.data.dataset import Dataset
from nnrun.data.preparation import Preparation
from nnrun.data.rows import ChosenRows, Rows, in_memory
from nnrun.data.target import Target
from nnrun.training import conditions, cropping, masking
from nnrun.training.answers import Answer, answers
from nnrun.training.job import Job
from nnrun.training.matching import raw, target_specs
from nnrun.training.pipeline import take

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Material:
    """Prepared inputs and targets of all rows, by name; inputs are arrays, or `Rows` where they are streamed."""

    inputs: Mapping[str, Any]
    targets: Mapping[str, Array]
    answers: Mapping[str, Answer]
    preparation: Preparation
    outputs: tuple[str, ...]  # of the model, trained ones and others
    losses: tuple[str, ...] = ()  # of the graph, outputs too
    columns: Mapping[str, str] = field(default_factory=dict)  # that inputs and targets read: "numbers" or "text"
    label: Target | None = None  # the classes that are an input, of a recipe that wants them
    sizes: Mapping[str, tuple[int | None, int | None]] = field(
        default_factory=dict
    )  # of what training crops, None: any
    uncut: Material | None = None  # the same, where these are the middle of larger pictures

    @property
    def is_several(self) -> bool:
        """Whether the model has several outputs, so that everything about them goes by name."""
        return len(self.outputs) + len(self.losses) > 1

    @property
    def whole(self) -> Material:
        """The rows as they were read, of which training crops parts."""
        return replace(self.uncut or self, sizes={})

    @property
    def facts(self) -> dict[str, Any]:
        """What `$data...` refers to."""
        labels = () if self.label is None else (self.label,)
        targets_of = (*labels, *(answer.target for answer in self.answers.values()))
        counts = [target.num_classes for target in targets_of if target.num_classes]
        transforms = [answer.target.transform for answer in self.answers.values()]
        targets = [transform.facts for transform in transforms if transform is not None and transform.facts]
        told = {"target": targets[0]} if len(targets) == 1 else {}
        inputs = self.preparation.facts
        inputs |= {name: {**inputs[name], "shape": self.shapes[name]} for name in self.sizes}
        return {**inputs, **told, "num_classes": counts[0] if len(counts) == 1 else None}

    @property
    def shapes(self) -> dict[str, tuple[int | None, ...]]:
        """The shape of one row of each input, as the model gets it."""
        read = {name: tuple(told["shape"]) for name, told in self.preparation.facts.items()}
        return {name: (*self.sizes.get(name, shape[:2]), *shape[2:]) for name, shape in read.items()}

    @property
    def streams(self) -> bool:
        """Whether any input is made when it is asked for."""
        return any(isinstance(array, Rows) for array in self.inputs.values())

    @property
    def dtypes(self) -> dict[str, str]:
        return {name: told["dtype"] for name, told in self.preparation.facts.items()}

    def x(self, rows: Array) -> Any:
        """Inputs of some rows as Keras takes them: bare where there is only one; what is streamed is not made yet."""
        taken = {
            name: ChosenRows(array, rows) if isinstance(array, Rows) else array[rows]
            for name, array in self.inputs.items()
        }
        return _bare(taken)

    def y(self, rows: Array) -> dict[str, Array]:
        """Targets of some rows by output."""
        return {name: target[rows] for name, target in self.targets.items()}

    def batch(self, rows: Array | None) -> tuple[Any, Any]:
        """Inputs and targets of some rows, all of them for None, as `fit` takes them: bare where there is only one."""
        x = dict(self.inputs) if rows is None else take(self.inputs, rows)
        y = dict(self.targets) if rows is None else self.y(rows)
        count = len(next(iter(x.values()))) if rows is None else len(rows)
        # Losses of the graph read no target, and Keras looks for one of every output as soon as there are metrics.
        others = [name for name in (*self.outputs, *self.losses) if name not in y]
        y |= {name: np.zeros((count, 1), np.float32) for name in others}
        return _bare(x), y if self.is_several else _bare(y)

    def save_data(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """What a later prediction needs, for JSON and npz."""
        data, arrays = self.preparation.save_data()
        targets = {name: answer.target.save_data() for name, answer in self.answers.items()}
        targets |= {} if self.label is None else {conditions.LABEL: self.label.save_data()}
        widths = {name: answer.width for name, answer in self.answers.items()}
        return {"inputs": data, "targets": targets, "widths": widths, "columns": dict(self.columns)}, arrays


def _bare(arrays: Mapping[str, Any]) -> Any:
    """The arrays by name, or the one alone."""
    return arrays if len(arrays) > 1 else next(iter(arrays.values()))


def material(job: Job) -> Material:
    """Fits on the job's training rows, then prepares every row."""
    return prepared(job.config, job.dataset, job.split.train)


def prepared(config: Config, dataset: Dataset, rows: Array) -> Material:
    """Fits on some rows, then prepares every row."""
    preparation, found = fitted(config, dataset, rows)
    label = conditions.fitted(config, dataset, rows)
    given = {} if label is None else {conditions.LABEL: conditions.applied(label, config, dataset)}
    material = applied(config, dataset, preparation, found)
    return replace(material, inputs={**material.inputs, **given}, label=label)


def fitted(config: Config, dataset: Dataset, rows: Array) -> tuple[Preparation, dict[str, Answer]]:
    """What is learned from some rows: how inputs are prepared, and what each output answers."""
    # What is answered is no input, but for its past where the answer lies in the future of a window.
    future = dataset.windows is not None and dataset.windows.horizon > 0
    used = set() if future else {column for spec in target_specs(config, dataset) for column in spec.taken}
    used |= {*config.columns_about_rows, *conditions.columns(config, dataset)}
    shifted = frozenset(str(spec.name) for spec in config.data.targets if spec.following)
    preparation = Preparation.fit(dataset, rows, config.data.features, config.data.missing, frozenset(used), shifted)
    found = answers(config, dataset, rows, list(preparation.facts), vocabularies(preparation.facts))
    return preparation, found


def vocabularies(facts: Mapping[str, Mapping[str, Any]]) -> dict[str, int | None]:
    """The sizes of the vocabularies of those inputs that are tokens."""
    return {name: told["vocabulary_size"] for name, told in facts.items() if told.get("dtype") == "int32"}


def applied(
    config: Config, dataset: Dataset, preparation: Preparation, found: Mapping[str, Answer], *, truths: bool = True
) -> Material:
    """Every row, prepared with what was fitted before; without `truths` the dataset needs no targets."""
    inputs = preparation.apply(dataset, config.runtime.stream)
    targets = {name: truth(answer, dataset, preparation, inputs) for name, answer in found.items() if truths}
    if truths:
        inputs, targets = masking.masked(config, preparation, found, inputs, targets)
    columns = _columns(dataset, preparation, found)
    whole = replace(unfilled(config, preparation, found), inputs=inputs, targets=targets, columns=columns)
    if all(None in size for size in whole.sizes.values()):
        return whole
    inputs, targets = cropping.cut(inputs, targets, found, whole.sizes)
    return replace(whole, inputs=inputs, targets=targets, uncut=whole)


def of_model(material: Material, config: Config, dataset: Dataset, found: Mapping[str, Answer]) -> Material:
    """The same rows for another model: with the targets that its outputs learn."""
    if material.uncut is not None:
        return applied(config, dataset, material.preparation, found)
    own = unfilled(config, material.preparation, found)
    inputs = masking.unmasked(material.answers, material.inputs, material.targets)
    known = {str(answer.spec.name): name for name, answer in material.answers.items() if answer.spec.masked is None}
    targets = {}
    for name, answer in found.items():
        before = "" if answer.spec.masked is not None else known.get(str(answer.spec.name), "")
        same = bool(before) and material.answers[before].task == answer.task
        targets[name] = material.targets[before] if same else truth(answer, dataset, material.preparation, inputs)
    inputs, targets = masking.masked(config, material.preparation, found, inputs, targets)
    outputs, losses = own.outputs, own.losses
    return replace(material, inputs=inputs, targets=targets, answers=found, outputs=outputs, losses=losses)


def unfilled(config: Config, preparation: Preparation, found: Mapping[str, Answer]) -> Material:
    """What is known of the inputs and targets when no row is there."""
    written = tuple(output.name or next(iter(found), "output") for output in config.model.outputs)
    losses = tuple(str(loss.name) for loss in config.model.losses)
    sizes = cropping.sizes(config, {name: tuple(told["shape"]) for name, told in preparation.facts.items()})
    return Material({}, {}, found, preparation, written or tuple(found), losses, sizes=sizes)


def _columns(dataset: Dataset, preparation: Preparation, found: Mapping[str, Answer]) -> dict[str, str]:
    """How the columns that are used were read: a later file is read in the same way."""
    if dataset.columns is None:
        return {}
    entries = [entry for entries in preparation.features.values() for entry in entries]
    used = [column for entry in entries for column in entry.columns]
    used += [column for answer in found.values() for column in answer.spec.taken]
    there = [name for name in dict.fromkeys(used) if name in dataset.columns]
    return {name: "numbers" if is_number(dataset.columns[name]) else "text" for name in there}


def truth(answer: Answer, dataset: Dataset, preparation: Preparation, inputs: Mapping[str, Any]) -> Array:
    """The target as the loss reads it: one sigmoid unit is compared with one column."""
    spec, target = answer.spec, answer.target
    if spec.copy or spec.masked is not None:
        return in_memory(inputs[str(spec.name)])
    if spec.following:
        return preparation.following(dataset, str(spec.name))
    if target.transform is not None:
        values = target.transform.apply(dataset)
        return values if target.kind == "number" else target.apply(values, dataset.target_lines)
    applied = target.apply(raw(dataset, spec), dataset.target_lines)
    one_unit = answer.task.units == 1 and answer.task.kind == "classes"
    return applied[:, None] if one_unit and applied.ndim == 1 else applied
