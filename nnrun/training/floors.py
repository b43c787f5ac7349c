"""What has to be beaten by a look at the inputs: a linear model of them, and the last known value of a series."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from nnrun.data.dataset import Dataset
from nnrun.data.windows import Windows
from nnrun.model import losses
from nnrun.training.answers import Answer
from nnrun.training.linear import Linear, fit
from nnrun.training.material import Material, truth
from nnrun.training.score import as_output

Array = np.ndarray[Any, Any]

MOST_NUMBERS = 5_000_000  # of the training rows' inputs together
MOST_ANSWERS = 200  # classes or numbers that are answered for a row
MOST_WORK = 20_000_000  # numbers times answers: the fit takes about a second at most


class Informed:
    """The answers of a linear model and of persistence, each where it can be given."""

    def __init__(self, dataset: Dataset, material: Material, train: Array) -> None:
        self._dataset, self._material, self._linear = dataset, material, _LinearModel(material, train)

    def __call__(self, rows: Array, like: Mapping[str, Array]) -> dict[str, dict[str, Array]]:
        """By the floor's name what it answers to some rows, in the form of the network's outputs `like`."""
        found = {
            "linear": self._linear.outputs(rows, like),
            "persistence": _persistence(self._dataset, self._material, rows, like),
        }
        return {name: outputs for name, outputs in found.items() if outputs}


class _LinearModel:
    """Logistic or ridge regression of each output on all prepared inputs, fitted on the training rows.

    Fitted once, when it is first asked; it answers nothing where the inputs are too large, or where an output is no
    class and no plain number.
    """

    def __init__(self, material: Material, train: Array) -> None:
        self._material, self._train = material, train
        self._models: dict[str, Linear] | None = None
        self._scales: dict[str, tuple[Array, Array]] = {}

    def outputs(self, rows: Array, like: Mapping[str, Array]) -> dict[str, Array] | None:
        """What it answers to some rows, in the form of the network's outputs, `like`; None where it answers nothing."""
        shapes = {name: output.shape[1:] for name, output in like.items()}
        answers = self._material.answers
        plain = [_is_plain(answer, shapes[name], self._y(name)) for name, answer in answers.items()]
        if not plain or not all(plain) or not self._is_modest():
            return None
        if self._models is None:
            x = self._x(self._train)
            self._models = {name: _fitted(answer, x, self._y(name)) for name, answer in answers.items()}
        x = self._x(rows)
        found = {
            name: _answered(answer, self._models[name].predict(x), shapes[name]) for name, answer in answers.items()
        }
        return {name: values.reshape(len(rows), *shapes[name]).astype("float32") for name, values in found.items()}

    def _y(self, name: str) -> Array:
        return np.asarray(self._material.targets[name][self._train])

    def _is_modest(self) -> bool:
        rows, numbers = len(self._train), 0
        for array in self._material.inputs.values():
            per_row = math.prod(array.shape[1:])
            if not _holds_ids(array) and per_row * rows > MOST_NUMBERS:
                return False
            numbers += rows * per_row
        most = max(_count(answer, self._y(name)) for name, answer in self._material.answers.items())
        return numbers <= MOST_NUMBERS and most <= MOST_ANSWERS and numbers * most <= MOST_WORK

    def _x(self, rows: Array) -> Any:
        """All inputs of some rows side by side: numbers with mean 0 and deviation 1, a column for every id."""
        blocks = []
        for name, array in self._material.inputs.items():
            values = array[rows]
            if _holds_ids(array):
                blocks.append(self._ids(name, values.reshape(len(rows), -1)))
                continue
            flat = values.reshape(len(rows), -1).astype(np.float64)
            if name not in self._scales:
                deviation = flat.std(axis=0)
                self._scales[name] = flat.mean(axis=0), np.where(deviation > 0, deviation, 1)
            mean, deviation = self._scales[name]
            blocks.append((flat - mean) / deviation)
        if all(isinstance(block, np.ndarray) for block in blocks):
            return np.concatenate(blocks, axis=1)
        from scipy import sparse

        return sparse.hstack([sparse.csr_matrix(block) for block in blocks], format="csr")

    def _ids(self, name: str, ids: Array) -> Any:
        """Ones and zeros: a column for every id of every column, or for every id anywhere in a sequence."""
        from scipy import sparse

        size = int(self._material.preparation.facts[name].get("vocabulary_size") or 0) or int(ids.max(initial=0)) + 1
        columns = sum(len(entry.columns) for entry in self._material.preparation.features.get(name, ()))
        is_sequence = ids.shape[1] != columns
        width = size if is_sequence else size * ids.shape[1]
        places = ids if is_sequence else ids + size * np.arange(ids.shape[1])
        rows = np.repeat(np.arange(len(ids)), ids.shape[1])
        known = ids.ravel() > 0 if is_sequence else np.ones(ids.size, bool)  # 0 fills a sequence up
        ones = sparse.csr_matrix(
            (np.ones(int(known.sum())), (rows[known], places.ravel()[known])), shape=(len(ids), width)
        )
        ones.data[:] = 1  # an id that recurs in a row counts once
        return ones


def _persistence(
    dataset: Dataset, material: Material, rows: Array, like: Mapping[str, Array]
) -> dict[str, Array] | None:
    """For windows of a series the value that the target had in the last row of the window; None for anything else."""
    windows = dataset.windows
    if windows is None or not windows.horizon or dataset.columns is None:
        return None
    still = replace(
        dataset, windows=Windows(windows.starts, windows.length)
    )  # whose targets are the windows' last rows
    found = {}
    for name, answer in material.answers.items():
        if not (answer.task.name == "regression" and _is_plain(answer, like[name].shape[1:], None)):
            return None
        values = truth(answer, still, material.preparation, {})[rows].reshape(len(rows), 1, -1)
        wide = np.broadcast_to(values, (len(rows), windows.horizon, values.shape[-1]))
        if wide[0].size != math.prod(like[name].shape[1:]):
            return None
        found[name] = wide.reshape(len(rows), *like[name].shape[1:]).astype("float32")
    return found


def _holds_ids(array: Any) -> bool:
    return array.dtype.kind in "iu"


def _is_plain(answer: Answer, shape: tuple[int, ...], values: Array | None) -> bool:
    """Whether the output is what a regression answers: the classes of a row, or the mean of its numbers."""
    if answer.task.name not in ("binary", "multiclass", "multilabel", "regression") or answer.spec.of_input:
        return False
    if not losses.estimates(answer.loss) or losses.aligns(answer.loss) or answer.loss.name == "Masked":
        return False
    if answer.task.kind == "classes":
        return len(shape) == 1 and not answer.task.places and not answer.task.everywhere
    if losses.reads_class_numbers(answer.loss):
        return False
    return values is None or (losses.trivial(answer.loss, values) is None and values[0].size == math.prod(shape))


def _count(answer: Answer, values: Array) -> int:
    return answer.target.num_classes or int(math.prod(values.shape[1:]))


def _fitted(answer: Answer, x: Any, values: Array) -> Linear:
    if answer.task.kind == "classes":
        numbers, count = answer.class_numbers(values), answer.target.num_classes or 2
        if count == 2:
            return fit(x, numbers[:, None].astype(np.float64), "sigmoid")
        return fit(x, np.eye(count)[numbers], "softmax")
    flat = values.reshape(len(values), -1).astype(np.float64)
    return fit(x, flat, "sigmoid" if answer.task.name == "multilabel" else "identity")


def _answered(answer: Answer, found: Array, shape: tuple[int, ...]) -> Array:
    """What the linear model says, as the network would say it."""
    if answer.task.kind == "classes":
        shares = np.hstack([1 - found, found]) if found.shape[1] == 1 else found
        return as_output(answer, shares, shape[-1])
    if answer.task.name == "multilabel":
        return as_output(answer, found[..., None], 1)[..., 0]
    return found
