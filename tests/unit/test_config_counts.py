"""Counts of steps, which a config may write in epochs, and what a schedule becomes when an epoch's length is known."""

from __future__ import annotations

from typing import Any

import pytest

from nnrun.catalogue import Parameter
from nnrun.config import counts
from nnrun.config.kinds import fits, kind_hint
from nnrun.config.spec import Spec


def schedule(name: str, **arguments: Any) -> Spec:
    return Spec(name, arguments, slot="schedules")


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (500, True),
        (1e4, True),
        (0, True),
        ("500 steps", True),
        ("1 step", True),
        ("10 epochs", True),
        ("7.5 epochs", True),
        ("1 epoch", True),
        ("1e1 epochs", True),
        ("7.5 steps", False),
        ("10epochs", False),
        ("10 epoches", False),
        ("ten epochs", False),
        ("-1 epochs", False),
        ("1e99 epochs", False),
        ("500", False),
        (-1, False),
        (10**400, False),
        (float("nan"), False),
        (True, False),
        (None, False),
        ([5], False),
    ],
)
def test_config_counts_is_count(value: Any, answer: bool) -> None:
    assert counts.is_count(value) is answer


def test_config_counts_what_is_required_is_more_than_nothing() -> None:
    decay, warmup = (Parameter("steps", required=required, kind="steps", default=0) for required in (True, False))
    assert [fits("0 epochs", parameter) for parameter in (decay, warmup)] == [False, True]
    assert kind_hint("0 epochs", decay) == "it takes more than 0"
    assert kind_hint(0, decay) == "it takes more than 0"


@pytest.mark.parametrize(
    ("kind", "value", "hint"),
    [
        ("steps", "10epochs", "write `10 epochs`"),
        ("steps", "7 Steps", "write `7 steps`"),
        ("steps", "ten epochs", ""),
        ("steps", "10", "write it without quotes"),
        ("boundaries", ["5 epoch", "8 epochss"], "write `8 epochs`"),
        ("boundaries", "5 epochs", "write a list"),
    ],
)
def test_config_counts_hint(kind: str, value: Any, hint: str) -> None:
    assert not fits(value, Parameter("steps", required=True, kind=kind))
    assert kind_hint(value, Parameter("steps", required=True, kind=kind)) == hint


@pytest.mark.parametrize(
    ("written", "steps"),
    [
        (500, 500),
        ("500 steps", 500),
        ("10 epochs", 450),
        ("7.5 epochs", 338),  # 337.5
        ("0.001 epochs", 1),
        ("0 epochs", 0),
    ],
)
def test_config_counts_in_steps(written: Any, steps: int) -> None:
    made = counts.in_steps(schedule("CosineDecay", decay_steps=written), steps_per_epoch=45)
    assert made.arguments == {"decay_steps": steps}


def test_config_counts_in_steps_at_any_depth_and_leaves_the_spec_as_written() -> None:
    inner = schedule("PiecewiseConstantDecay", boundaries=["5 epochs", 300, "8 epochs"], values=[1, 0.5, 0.1, 0.01])
    warm = schedule("LinearWarmup", schedule=inner, warmup_steps="2 epochs")
    made = counts.in_steps(Spec("SGD", {"learning_rate": warm, "momentum": 0}, slot="optimizers"), steps_per_epoch=40)
    assert made.to_data() == {
        "SGD": {
            "learning_rate": {
                "LinearWarmup": {
                    "schedule": {
                        "PiecewiseConstantDecay": {"boundaries": [200, 300, 320], "values": [1.0, 0.5, 0.1, 0.01]}
                    },
                    "warmup_steps": 80,
                }
            },
            "momentum": 0,
        }
    }
    assert inner.arguments["boundaries"] == ["5 epochs", 300, "8 epochs"]


def test_config_counts_whole_numbers_of_a_schedule_become_floats() -> None:
    """Keras reckons in the type of the initial learning rate: from 0 it would never rise, from 0.0 it does."""
    made = counts.in_steps(
        schedule("CosineDecay", initial_learning_rate=0, decay_steps=9, warmup_target=1, warmup_steps=3), 1
    )
    assert {name: type(value) for name, value in made.arguments.items()} == {
        "initial_learning_rate": float,
        "decay_steps": int,
        "warmup_target": float,
        "warmup_steps": int,
    }
    assert counts.in_steps(schedule("PolynomialDecay", cycle=True), 1).arguments == {"cycle": True}


def test_config_counts_a_whole_rate_becomes_a_float() -> None:
    """Keras refuses a learning rate of 10, and takes one of 10.0."""
    made = counts.in_steps(Spec("SGD", {"learning_rate": 10}, slot="optimizers"), 1)
    assert isinstance(made.arguments["learning_rate"], float)


def test_config_counts_optimizers_with_a_warmup_of_their_own() -> None:
    optimizer = Spec("ScheduleFreeAdamW", {"warmup_steps": "2 epochs"}, slot="optimizers")
    assert counts.in_steps(optimizer, 30).arguments == {"warmup_steps": 60}


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (["5 epochs", "8 epochs"], [5.0, 8.0]),
        ([200, "300 steps"], [200.0, 300.0]),
        ([200, "8 epochs"], None),
        ([None, 5], None),
        ([], None),
    ],
)
def test_config_counts_comparable(values: list[Any], numbers: list[float] | None) -> None:
    assert counts.comparable(values) == numbers
