"""The data of one training as arrays: everything that is fitted is fitted on its training rows, here and only here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnrun.config.config import Config
from nnrun.data.dataset import Dataset
from nnrun.data.preparation import Preparation
from nnrun.data.rows import ChosenRows, Rows, in_memory
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

    @property
    def is_several(self) -> bool:
        """Whether the model has several outputs, so that everything about them goes by name."""
        return len(self.outputs) + len(self.losses) > 1

    @property
    def facts(self) -> dict[str, Any]:
        """What `$data...` refers to."""
        counts = [answer.target.num_classes for answer in self.answers.values() if answer.target.num_classes]
        return {**self.preparation.facts, "num_classes": counts[0] if len(counts) == 1 else None}

    @property
    def shapes(self) -> dict[str, tuple[int | None, ...]]:
        """The shape of one row of each input."""
        return {name: tuple(told["shape"]) for name, told in self.preparation.facts.items()}

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
        return {"inputs": data, "targets": targets}, arrays


def _bare(arrays: Mapping[str, Any]) -> Any:
    """The arrays by name, or the one alone."""
    return arrays if len(arrays) > 1 else next(iter(arrays.values()))


def material(job: Job) -> Material:
    """Fits on the job's training rows, then prepares every row."""
    return prepared(job.config, job.dataset, job.split.train)


def prepared(config: Config, dataset: Dataset, rows: Array) -> Material:
    """Fits on some rows, then prepares every row."""
    used = {column for spec in target_specs(config, dataset) for column in spec.taken}
    split = config.data.split
    others = (config.data.weight, config.cv.group, split.column if split else None)
    used |= {name for name in others if name}
    preparation = Preparation.fit(dataset, rows, config.data.features, config.data.missing, frozenset(used))
    found = answers(config, dataset, rows, list(preparation.facts))
    inputs = preparation.apply(dataset)
    targets = {
        name: in_memory(inputs[str(answer.spec.name)])
        if answer.spec.copy
        else _values(answer, raw(dataset, answer.spec), dataset)
        for name, answer in found.items()
    }
    written = tuple(output.name or next(iter(found), "output") for output in config.model.outputs)
    losses = tuple(str(loss.name) for loss in config.model.losses)
    return Material(inputs, targets, found, preparation, written or tuple(found), losses)


def _values(answer: Answer, values: Array, dataset: Dataset) -> Array:
    """The target as the loss reads it: one sigmoid unit is compared with one column."""
    applied = answer.target.apply(values, dataset.lines)
    one_unit = answer.task.units == 1 and answer.task.kind == "classes"
    return applied[:, None] if one_unit and applied.ndim == 1 else applied
