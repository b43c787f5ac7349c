"""Class weights as weights of the training rows, so that every kind of target takes them alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnrun.config.config import Config
from nnrun.errors import ConfigError, Problem, one_of
from nnrun.training.answers import Answer


@dataclass(frozen=True)
class ClassWeights:
    """A weight for every training row, or for all of its pixels or steps, and what every class weighs."""

    rows: np.ndarray[Any, Any]
    table: Mapping[str, float]


def class_weights(
    config: Config, answers: Mapping[str, Answer], targets: Mapping[str, np.ndarray[Any, Any]]
) -> ClassWeights | None:
    """What `fit.class_weight` says; `balanced` is n / (classes * count), as scikit-learn has it."""
    wanted = config.fit.class_weight
    if wanted is None:
        return None
    where = config.document.key(("fit", "class_weight"))
    if len(answers) > 1:
        hint = "leave it out, or weigh the outputs with `compile.loss_weights`"
        raise ConfigError([Problem("class_weight with several outputs", where, hint=hint)])
    name, answer = next(iter(answers.items()))
    if answer.task.kind != "classes":
        raise ConfigError([Problem(f"class_weight for the task {answer.task.name}", where, "a target of classes")])
    numbers = answer.class_numbers(targets[name])
    weights = _balanced(numbers, answer) if wanted == "balanced" else _written(wanted, answer, where)
    table = {str(label): float(weight) for label, weight in zip(answer.target.classes, weights, strict=True)}
    rows = weights[numbers].astype("float32")
    return ClassWeights(rows.reshape(_places(targets[name])) if answer.task.everywhere else rows, table)


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
