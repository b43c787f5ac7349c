"""What an output says, in the words of the data: names of classes with their probabilities, or numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from nnrun.training.answers import Answer
from nnrun.training.score import probabilities

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Reading:
    """One output for some rows: `shares` (rows, classes) and the numbers of the `chosen` classes, else `values`.

    `texts` are the answers where they are read as sequences; `columns` say by name what is told in place of all this.
    `errors` are those of the rows' answers, an anomaly above the threshold.
    """

    classes: tuple[str, ...]
    shares: Array | None
    chosen: Array | None
    values: Array
    threshold: float | None = None  # None: one half
    texts: Sequence[str] | None = None
    columns: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    errors: Array | None = None

    def with_verdict(self) -> Reading:
        """The same, of which the errors are told, and whether they are above the threshold."""
        assert self.errors is not None
        assert self.threshold is not None
        above = ["yes" if error > self.threshold else "no" for error in self.errors]
        return replace(self, columns={"error": [number(error) for error in self.errors], "anomaly": above})

    @property
    def is_array(self) -> bool:
        """Whether a row has more than one number that is no probability, so that it fits into no cell."""
        if self.columns:
            return False
        return self.texts is None and self.shares is None and self.values.reshape(len(self.values), -1).shape[1] != 1

    @property
    def array(self) -> Array:
        """The probabilities of the classes, or the numbers."""
        return self.values if self.shares is None else self.shares

    @property
    def rows(self) -> list[list[Any]]:
        """The numbers of every row, or its cells where they have columns of their own."""
        if self.columns:
            return [list(cells) for cells in zip(*self.columns.values(), strict=True)]
        return [[number(value) for value in row] for row in self.array]

    def cells(self, classes: Sequence[str]) -> list[list[Any]]:
        """A prediction for every row, and a probability for each of `classes`, blank where the output has none."""
        if self.texts is not None or self.columns:
            told = self.texts or next(iter(self.columns.values()))
            return [[text, *[""] * len(classes)] for text in told]
        if self.shares is None or self.chosen is None:
            return [[number(value), *[""] * len(classes)] for value in self.values.reshape(-1)]
        places = [self.classes.index(name) if name in self.classes else None for name in classes]
        return [
            [
                class_name(self.classes, chosen),
                *("" if place is None else float(f"{row[place]:.6g}") for place in places),
            ]
            for chosen, row in zip(self.chosen, self.shares, strict=True)
        ]


def read(answer: Answer, output: Array, threshold: float | None = None) -> Reading:
    """An output of the model as its answer means it; above the threshold the second of two classes is answered."""
    classes, shares = tuple(str(name) for name in answer.target.classes), probabilities(answer, output)
    if shares is None:
        return Reading(classes, None, None, answer.target.unapply(output))
    if threshold is not None or output.shape[-1] == 1:
        chosen = (shares[:, 1] > (0.5 if threshold is None else threshold)).astype(int)
    else:
        chosen = shares.argmax(axis=-1)
    return Reading(classes, shares, chosen, output, threshold)


def mean(readings: Sequence[Reading]) -> Reading:
    """One reading of several models: the mean of their numbers, or of the probabilities that they give to a class.

    A class that a model never saw has the probability 0 there. The threshold is the mean of theirs.
    """
    first = readings[0]
    if len(readings) == 1:
        return first
    if first.errors is not None:  # the mean of the errors, held against the mean of the thresholds
        found = replace(first, errors=np.mean([one.errors for one in readings if one.errors is not None], axis=0))
        return replace(found, threshold=float(np.mean([one.threshold for one in readings]))).with_verdict()
    if first.shares is None:
        return Reading(first.classes, None, None, np.mean([reading.values for reading in readings], axis=0))
    classes = names_of(readings)
    total = np.zeros((len(first.values), max(len(classes), first.shares.shape[1])))
    for reading in readings:
        assert reading.shares is not None
        places = [classes.index(name) for name in reading.classes]
        total[:, places] += reading.shares[:, : len(places)]
    shares = total / len(readings)
    thresholds = [0.5 if reading.threshold is None else reading.threshold for reading in readings]
    if all(reading.threshold is None for reading in readings) or shares.shape[1] != 2:
        return Reading(tuple(classes), shares, shares.argmax(axis=-1), first.values)
    threshold = float(np.mean(thresholds))
    return Reading(tuple(classes), shares, (shares[:, 1] > threshold).astype(int), first.values, threshold)


def truths(answer: Answer, values: Array) -> list[Any]:
    """Target values as they stand in the data: names of classes, or numbers."""
    if answer.task.kind != "classes":
        return [number(value) for value in answer.target.unapply(values).reshape(-1)]
    return [class_name(answer.target.classes, value) for value in answer.class_numbers(values)]


def names_of(known: Iterable[Any]) -> list[str]:
    """The classes of several targets or readings, each once."""
    return list(dict.fromkeys(str(name) for one in known for name in one.classes))


def class_names(answers: Mapping[str, Answer]) -> list[str]:
    """The classes of all outputs, each once."""
    return names_of(answer.target for answer in answers.values())


def number(value: Any) -> float:
    """A float32 as a person would write it: 40.8, not 40.79999923706055."""
    return float(f"{float(value):.7g}")


def class_name(classes: Sequence[str], place: int) -> str:
    """The name of a class; of a unit for which there is no class its number."""
    return classes[place] if place < len(classes) else str(place)


def wide_columns(answer: Answer, reading: Reading) -> list[str]:
    """The columns of an output that is several numbers a row: labels, targets, quantiles, steps of time."""
    if reading.columns:
        return list(reading.columns)
    if not reading.is_array or reading.values.ndim != 2:
        return []
    count, columns = reading.values.shape[1], answer.spec.columns
    named = columns if len(columns) == count else range(1, count + 1)
    return [f"{'p' if answer.task.name == 'multilabel' else 'prediction'}_{name}" for name in named]
