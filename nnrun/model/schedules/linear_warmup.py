"""Linear warm-up in front of any schedule."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.schedules import LearningRate, Steps


def LinearWarmup(schedule: LearningRate, warmup_steps: Steps, initial_learning_rate: float = 0.0) -> Any:
    """Rises in a line to the learning rate that a schedule has after the warm-up, and leaves the rest to it.

    With w warm-up steps, the learning rate of step t is

        initial + (schedule(w) - initial) * t / w      before step w
        schedule(t)                                    from step w on

    The schedule counts from the first step, as it does alone: `decay_steps: 10 epochs` ends with the tenth epoch, and
    a boundary at `5 epochs` is five epochs after the beginning. Gradual warm-up is of Goyal et al. (2017), "Accurate,
    large minibatch SGD: training ImageNet in 1 hour", arXiv:1706.02677. A saved model carries the schedule without
    its warm-up, since Keras alone knows no such thing; the steps after the warm-up are the same.

    Args:
        schedule: What follows the warm-up: a schedule, or a number that stays.
        warmup_steps: How long the learning rate rises.
        initial_learning_rate: Where it begins.
    """
    schedules = framework.keras().optimizers.schedules
    if warmup_steps <= 0:
        raise ValueError(f"warmup_steps is {warmup_steps}, and a warm-up takes at least one step")
    if not isinstance(schedule, schedules.LearningRateSchedule):
        return schedules.PolynomialDecay(
            float(initial_learning_rate), warmup_steps, float(schedule), name="LinearWarmup"
        )
    return _warmed(schedule, warmup_steps, float(initial_learning_rate))


def _warmed(schedule: Any, warmup_steps: int, initial: float) -> Any:
    """A schedule of the very class that it leads to, by which Keras saves it and finds it again."""
    ops = framework.keras().ops
    kind = type(schedule)

    class Warmed(kind):  # type: ignore[misc, valid-type]  # Keras has no types
        def __call__(self, step: Any) -> Any:
            after = super().__call__(step)
            share = ops.cast(step, after.dtype) / warmup_steps
            rising = initial + (super().__call__(ops.cast(warmup_steps, step.dtype)) - initial) * share
            return ops.where(share < 1.0, rising, after)

    Warmed.__name__, Warmed.__module__ = kind.__name__, "keras.optimizers.schedules"
    return Warmed(**schedule.get_config())
