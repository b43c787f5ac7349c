"""One cycle: up to a high learning rate, and down again below where it began."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.schedules import Steps

_WARMUP = 0.3
_BELOW_MAX = 25.0
_BELOW_INITIAL = 10_000.0


def OneCycle(
    max_learning_rate: float,
    total_steps: Steps,
    warmup_steps: Steps | None = None,
    initial_learning_rate: float | None = None,
    end_learning_rate: float | None = None,
) -> Any:
    """Rises in a line to a high learning rate, then falls as half a cosine to nearly nothing: few epochs are enough.

    With w warm-up steps of n steps in all, the learning rate of step t is

        initial + (max - initial) * t / w                                  before step w
        end + (max - end) * (1 + cos(pi * (t - w) / (n - w))) / 2          from step w to step n
        end                                                                after it

    The policy is of Smith and Topin (2018), "Super-convergence: very fast training of neural networks using large
    learning rates", arXiv:1708.07120; the cosine in place of their line is of Loshchilov and Hutter (2017),
    arXiv:1608.03983. The momentum stays as it is. It is Keras' CosineDecay with a warm-up, its arguments reckoned.

    Args:
        max_learning_rate: The highest learning rate.
        total_steps: The length of the cycle, as a rule the whole training: the number of epochs.
        warmup_steps: How long the learning rate rises; three tenths of total_steps where it is not written.
        initial_learning_rate: Where it begins; a 25th of max_learning_rate where it is not written.
        end_learning_rate: Where it ends; a 10,000th of initial_learning_rate where it is not written.
    """
    warmup = round(_WARMUP * total_steps) if warmup_steps is None else warmup_steps
    if warmup >= total_steps:
        raise ValueError(f"warmup_steps is {warmup}, and total_steps, which holds them, is {total_steps}")
    initial = max_learning_rate / _BELOW_MAX if initial_learning_rate is None else initial_learning_rate
    end = initial / _BELOW_INITIAL if end_learning_rate is None else end_learning_rate
    return framework.keras().optimizers.schedules.CosineDecay(
        initial_learning_rate=float(initial),
        decay_steps=total_steps - warmup,
        alpha=end / max_learning_rate,
        warmup_target=float(max_learning_rate),
        warmup_steps=warmup,
        name="OneCycle",
    )
