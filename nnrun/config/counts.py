"""Counts of steps, which a config may write in epochs: `decay_steps: 10 epochs`, `500 steps` or `500`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from nnrun import catalogue
from nnrun.config.spec import Spec

KINDS = ("steps", "boundaries")
_MOST = 2**53
_NUMBER = r"\d+(?:\.\d*)?(?:[eE][+-]?\d+)?"
_EPOCHS = re.compile(rf"({_NUMBER}) +epochs?")
_STEPS = re.compile(r"(\d+) +steps?")


def is_count(value: Any, *, least: int = 0) -> bool:
    """Whether a value is a number of steps or a text such as `10 epochs`; above 0 where `least` is 1."""
    found = _number(value)
    return found is not None and bool(found[0] or not least)


def hint(value: Any) -> str:
    """How to mend what is no count: `10epochs`, `10 epoches`, `"10"`, 0; empty without an idea."""
    found = _number(value)
    if found is not None and not found[0]:
        return "it takes more than 0"
    if not isinstance(value, str):
        return ""
    if re.fullmatch(_NUMBER, value):
        return "write it without quotes"
    near = re.match(rf"({_NUMBER})\s*(e|s)", value, re.IGNORECASE)
    return f"write `{near[1]} {'epochs' if near[2].lower() == 'e' else 'steps'}`" if near else ""


def comparable(values: Sequence[Any]) -> list[float] | None:
    """The numbers of counts in the same unit; None where one is unknown, or they are in steps and in epochs."""
    known = [found for value in values if (found := _number(value))]
    same = len(known) == len(values) and len({unit for _, unit in known}) == 1
    return [number for number, _ in known] if same else None


def _number(value: Any) -> tuple[float, str] | None:
    """A count's number and its unit; None for what is no count, or beyond all counting."""
    number, unit = value, "steps"
    for name, pattern in (("epochs", _EPOCHS), ("steps", _STEPS)):
        if isinstance(value, str) and (found := pattern.fullmatch(value)):
            number, unit = float(found[1]), name
    good = isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number <= _MOST
    return (float(number), unit) if good else None


def in_steps(spec: Spec, steps_per_epoch: int) -> Spec:
    """A spec whose counts, at any depth, are numbers of steps; what began as more than nothing is at least one.

    A schedule's other numbers become floats: Keras reckons in the type of the first of them, so that a learning rate
    that rises from 0 would stay 0, and not rise from 0.0. So does a rate, which Keras refuses as a whole number.
    """
    component = catalogue.find(spec.slot, spec.name)

    def read(name: str, value: Any) -> Any:
        parameter = component.parameter(name) if component else None
        if isinstance(value, Spec):
            return in_steps(value, steps_per_epoch)
        if isinstance(value, list | tuple):
            return [read(name, item) for item in value]
        if parameter is not None and parameter.kind in KINDS:
            return _steps(value, steps_per_epoch)
        whole = isinstance(value, int) and not isinstance(value, bool)
        return float(value) if whole and (spec.slot == "schedules" or name == "learning_rate") else value

    return replace(spec, arguments={name: read(name, value) for name, value in spec.arguments.items()})


def _steps(value: Any, steps_per_epoch: int) -> Any:
    """`500 steps` and `10 epochs` as whole numbers; what is no text stays."""
    found = _number(value) if isinstance(value, str) else None
    if found is None:
        return value
    number = found[0] * (steps_per_epoch if found[1] == "epochs" else 1)
    return max(int(number > 0), round(number))
