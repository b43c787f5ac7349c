"""A schedule's arguments held against each other: what Keras would refuse late, or pass over in silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from nnrun.config import counts
from nnrun.config.spec import Spec
from nnrun.errors import Problem


def problems(optimizer: Spec, callbacks: Sequence[Spec] = ()) -> list[Problem]:
    """What is wrong with the schedules of an optimizer, at any depth, and between them and the callbacks."""
    schedules = list(_schedules(optimizer))
    hint = f"leave it out, or write a number in the place of {schedules[0].name}" if schedules else ""
    setting = [spec for spec in callbacks if spec.name == "ReduceLROnPlateau" and schedules]
    return [
        *(problem for spec in schedules for problem in _problems(spec)),
        *(
            Problem(f"{spec.name} sets the learning rate, which a schedule gives", spec.where, "", hint)
            for spec in setting
        ),
    ]


def _schedules(spec: Spec) -> Iterator[Spec]:
    if spec.slot == "schedules":
        yield spec
    for value in spec.arguments.values():
        if isinstance(value, Spec):
            yield from _schedules(value)


def _problems(spec: Spec) -> Iterator[Problem]:
    given = spec.arguments
    match spec.name:
        case "PiecewiseConstantDecay":
            boundaries, values = given.get("boundaries"), given.get("values")
            if not isinstance(boundaries, list) or not isinstance(values, list):
                return
            if len(values) != len(boundaries) + 1:
                what = f"{spec.name} has {len(boundaries)} boundaries and {len(values)} values"
                yield Problem(
                    what, spec.where, f"{len(boundaries) + 1} values: one before each boundary, one at the end"
                )
            known = counts.comparable(boundaries)
            if known and any(second <= first for first, second in pairwise(known)):
                yield Problem(
                    f"the boundaries of {spec.name} do not rise", spec.where, "each later than the one before"
                )
        case "OneCycle":
            known = counts.comparable([given.get("warmup_steps"), given.get("total_steps")])
            if known and known[0] >= known[1]:
                what = f"warmup_steps of OneCycle is {given['warmup_steps']}, and total_steps, which holds them, is"
                yield Problem(f"{what} {given['total_steps']}", spec.where, "a shorter warm-up")
        case "CosineDecay":
            steps, target = given.get("warmup_steps", 0), given.get("warmup_target")
            if steps and target is None:
                hint = "write warmup_target, where it ends; it begins at initial_learning_rate"
                yield Problem("Keras would pass over warmup_steps of CosineDecay", spec.where, hint=hint)
            if target is not None and not steps:
                hint = "write warmup_steps, how long it rises, or leave warmup_target out"
                yield Problem("Keras would pass over initial_learning_rate of CosineDecay", spec.where, hint=hint)
