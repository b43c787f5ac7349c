"""Class weights as weights of the training rows, so that every kind of target takes them alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnrun.config.config import Config
from nnrun.errors import ConfigError, Problem, listing
from nnrun.training.answers import Answer


def class_weights(config: Config, answers: Mapping[str, Answer], targets: Mapping[str, np.ndarray[Any, Any]]) -> Any:
    """A weight for every training row, or None; `balanced` is n / (classes * count), as scikit-learn has it."""
    wanted = config.fit.class_weight
    if wanted is None:
        return None
    where = config.document.key(("fit", "class_weight"))
    if len(answers) > 1:
        raise ConfigError(
            [
                Problem(
                    "class_weight with several outputs",
                    where,
                    hint="leave it out, or weigh the outputs with `compile.loss_weights`",
                )
            ]
        )
    name, answer = next(iter(answers.items()))
    if answer.task.kind != "classes":
        raise ConfigError([Problem(f"class_weight for the task {answer.task.name}", where, "a target of classes")])
    numbers = targets[name]
    if answer.spec.one_hot:
        numbers = numbers.argmax(axis=-1)
    numbers = numbers.astype(int).ravel()
    count = answer.target.num_classes or 2
    if wanted == "balanced":
        from sklearn.utils.class_weight import compute_class_weight

        present = np.unique(numbers)
        table = np.ones(count)
        table[present] = compute_class_weight("balanced", classes=present, y=numbers)
    else:
        assert isinstance(wanted, Mapping)
        table = _written(wanted, answer, count, where)
    return table[numbers].astype("float32")


def _written(wanted: Mapping[Any, float], answer: Answer, count: int, where: Any) -> np.ndarray[Any, Any]:
    """Weights by class name, or by class number as Keras has them; a class that is not named weighs 1."""
    names = [str(name) for name in answer.target.classes or ()]
    table = np.ones(count)
    for key, weight in wanted.items():
        if str(key) in names:
            table[names.index(str(key))] = weight
        elif isinstance(key, int) and 0 <= key < count:
            table[key] = weight
        else:
            raise ConfigError(
                [
                    Problem(
                        f"class_weight names {key!r}, which is no class",
                        where,
                        f"one of {listing(names, 30)}",
                    )
                ]
            )
    return table
