"""Class weights as weights of the training rows, so that every kind of target takes them alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnrun.config.config import Config, is_by_output
from nnrun.errors import ConfigError, Problem, one_of
from nnrun.training.answers import Answer


@dataclass(frozen=True)
class ClassWeights:
    """A weight for every training row, or for all of its pixels or steps, and what every class weighs.

    Where the config says it by output, both are by output.
    """

    rows: np.ndarray[Any, Any] | Mapping[str, np.ndarray[Any, Any]]
    table: Mapping[str, Any]


def class_weights(
    config: Config, answers: Mapping[str, Answer], targets: Mapping[str, np.ndarray[Any, Any]]
) -> ClassWeights | None:
    """What `fit.class_weight` says; `balanced` is n / (classes * count), as scikit-learn has it."""
    wanted = config.fit.class_weight
    if wanted is None:
        return None
    path: tuple[str, ...] = ("fit", "class_weight")
    if isinstance(wanted, Mapping) and is_by_output(wanted):
        found = {
            name: _of_output(inner, answers.get(name), targets.get(name), config.document.key((*path, name)), answers)
            for name, inner in wanted.items()
        }
        return ClassWeights(
            {name: weights for name, (weights, _) in found.items()}, {name: table for name, (_, table) in found.items()}
        )
    name, answer = next(iter(answers.items()))
    where = config.document.key(path)
    if len(answers) > 1:
        what = "class_weight with several outputs, and no word of which"
        raise ConfigError([Problem(what, where, f"weights by output: `class_weight: {{{name}: balanced}}`")])
    return ClassWeights(*_of_output(wanted, answer, targets[name], where, answers))


def _of_output(
    wanted: Any, answer: Answer | None, values: np.ndarray[Any, Any] | None, where: Any, answers: Mapping[str, Answer]
) -> tuple[np.ndarray[Any, Any], dict[str, float]]:
    """The weights of one output's training rows, and what its classes weigh."""
    if answer is None or values is None:
        name = where.path.rpartition(".")[2]
        raise ConfigError([Problem(f"class_weight names {name!r}, which is no output", where, one_of(list(answers)))])
    if answer.task.kind != "classes":
        raise ConfigError([Problem(f"class_weight for the task {answer.task.name}", where, "a target of classes")])
    if answer.spec.masked is not None:
        raise ConfigError([Problem("class_weight for tokens that are hidden, others in every epoch", where)])
    numbers = answer.class_numbers(values)
    weights = _balanced(numbers, answer) if wanted == "balanced" else _written(wanted, answer, where)
    table = {str(label): float(weight) for label, weight in zip(answer.target.classes, weights, strict=True)}
    rows = weights[numbers].astype("float32")
    return rows.reshape(_places(values)) if answer.task.everywhere else rows, table


def _places(values: np.ndarray[Any, Any]) -> tuple[int, ...]:
    """The shape of what the loss gives for a target: without the axis of a single channel."""
    shape: tuple[int, ...] = values.shape
    return shape[:-1] if len(shape) > 2 and shape[-1] == 1 else shape


def _balanced(numbers: np.ndarray[Any, Any], answer: Answer) -> np.ndarray[Any, Any]:
    from sklearn.utils.class_weight import compute_class_weight

    present = np.unique(numbers)
    table = np.ones(len(answer.target.classes))
    table[present] = compute_class_weight("balanced", classes=present, y=numbers)
    return table


def _written(wanted: Any, answer: Answer, where: Any) -> np.ndarray[Any, Any]:
    """Weights by class name, or all by class number as Keras has them; a class that is not named weighs 1."""
    names = [str(name) for name in answer.target.classes]
    count = len(names)
    table = np.ones(count)
    if all(str(key) in names for key in wanted):
        places = {key: names.index(str(key)) for key in wanted}
    elif all(isinstance(key, int) and 0 <= key < count for key in wanted):
        places = {key: int(key) for key in wanted}
    else:
        strange = next(key for key in wanted if str(key) not in names)
        what = f"class_weight names {strange!r}, which is no class"
        hint = f"all keys are names of classes, or all are their numbers from 0 to {count - 1}"
        raise ConfigError([Problem(what, where, one_of(names), hint)])
    for key, weight in wanted.items():
        table[places[key]] = weight
    return table
