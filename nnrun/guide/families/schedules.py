"""Schedules of the learning rate, counted in epochs."""

from __future__ import annotations

from typing import Any

from nnrun.catalogue import Component
from nnrun.guide.example import Config, iris

TITLE = "schedule of the learning rate"
PLACE = "`learning_rate` of an optimizer"
USUAL = ("CosineDecay", "ExponentialDecay")

_VALUES: dict[str, Any] = {
    "initial_learning_rate": 0.01, "decay_steps": "10 epochs", "first_decay_steps": "5 epochs", "decay_rate": 0.5,
    "boundaries": ["5 epochs", "8 epochs"], "values": [0.01, 0.003, 0.001], "warmup_steps": "2 epochs",
    "maximal_learning_rate": 0.01, "max_learning_rate": 0.01, "total_steps": "10 epochs", "learning_rate": 0.01,
    "schedule": {"CosineDecay": {"initial_learning_rate": 0.01, "decay_steps": "8 epochs"}},
}  # fmt: skip


def example(component: Component) -> Config:
    """Ten epochs under the schedule."""
    schedule = {component.name: arguments(component)}
    return iris(compile={"optimizer": {"Adam": {"learning_rate": schedule}}}, fit={"epochs": 10})


def arguments(component: Component) -> dict[str, Any]:
    """What the schedule has to be told."""
    return {item.name: _VALUES[item.name] for item in component.parameters if item.required}
