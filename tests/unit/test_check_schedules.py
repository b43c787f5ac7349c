"""A schedule's arguments held against each other, before Keras is loaded."""

from __future__ import annotations

from typing import Any

import pytest

from nnrun.check import schedules
from nnrun.config.spec import Spec


def told(name: str, **arguments: Any) -> list[str]:
    wrapped = Spec("LinearWarmup", {"schedule": Spec(name, arguments, slot="schedules")}, slot="schedules")
    found = schedules.problems(Spec("Adam", {"learning_rate": wrapped}, slot="optimizers"))
    return [problem.what for problem in found]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("PiecewiseConstantDecay", {"boundaries": ["5 epochs", "8 epochs"], "values": [1, 2, 3]}),
        ("PiecewiseConstantDecay", {"boundaries": [500, "8 epochs"], "values": [1, 2, 3]}),
        ("OneCycle", {"max_learning_rate": 0.1, "total_steps": "10 epochs", "warmup_steps": "2 epochs"}),
        ("OneCycle", {"max_learning_rate": 0.1, "total_steps": "10 epochs", "warmup_steps": 100}),
        ("OneCycle", {"max_learning_rate": 0.1, "total_steps": "10 epochs"}),
        ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 10}),
        ("CosineDecay", {"initial_learning_rate": 0.0, "decay_steps": 10, "warmup_target": 0.1, "warmup_steps": 5}),
    ],
)
def test_check_schedules_good(name: str, arguments: dict[str, Any]) -> None:
    assert told(name, **arguments) == []


@pytest.mark.parametrize(
    ("name", "arguments", "what"),
    [
        (
            "PiecewiseConstantDecay",
            {"boundaries": ["5 epochs"], "values": [1]},
            "PiecewiseConstantDecay has 1 boundaries and 1 values",
        ),
        (
            "PiecewiseConstantDecay",
            {"boundaries": ["5 epochs", "5 epochs"], "values": [1, 2, 3]},
            "the boundaries of PiecewiseConstantDecay do not rise",
        ),
        (
            "OneCycle",
            {"total_steps": "2 epochs", "warmup_steps": "3 epochs"},
            "warmup_steps of OneCycle is 3 epochs, and total_steps, which holds them, is 2 epochs",
        ),
        ("CosineDecay", {"warmup_steps": "1 epoch"}, "Keras would pass over warmup_steps of CosineDecay"),
        ("CosineDecay", {"warmup_target": 0.1}, "Keras would pass over initial_learning_rate of CosineDecay"),
    ],
)
def test_check_schedules_wrong(name: str, arguments: dict[str, Any], what: str) -> None:
    assert told(name, **arguments) == [what]


def test_check_schedules_the_learning_rate_is_set_by_one() -> None:
    """Keras dies at the first plateau: the learning rate of an optimizer with a schedule cannot be set."""
    plateau = Spec("ReduceLROnPlateau", slot="callbacks")
    cycle = Spec("OneCycle", {"max_learning_rate": 0.1, "total_steps": 9}, slot="schedules")
    found = schedules.problems(Spec("Adam", {"learning_rate": cycle}, slot="optimizers"), [plateau])
    assert [problem.what for problem in found] == ["ReduceLROnPlateau sets the learning rate, which a schedule gives"]
    assert [problem.hint for problem in found] == ["leave it out, or write a number in the place of OneCycle"]
    assert schedules.problems(Spec("Adam", {"learning_rate": 0.1}, slot="optimizers"), [plateau]) == []
