"""Which learning rate suits a config: it is raised step by step, from far too low to far too high, to watch the loss.

Source: L. N. Smith, Cyclical Learning Rates for Training Neural Networks (2017), the range test.
"""

from __future__ import annotations

import json
import math
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from nnrun import experiment
from nnrun.errors import DivergedError, RunError, StoppedError
from nnrun.runs.index import latest
from nnrun.storage.scratch import scratch
from nnrun.training.progress import Progress
from nnrun.training.stopping import Stop

LOWEST, HIGHEST = 1e-7, 10.0
STEPS = 200
_EPOCH = 50  # steps, so that an epoch of a large data set is no longer than the search
_MEMORY = 0.9  # of the running mean that smooths the loss
_LOST = 4.0  # times the lowest loss: here it is told as lost


@dataclass(frozen=True)
class Search:
    """The rates that were tried, each with the smoothed loss; `lowest` and `steepest` are places among them."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    lowest: int
    steepest: int
    optimizer: str

    @property
    def suggestion(self) -> float:
        """A tenth of the rate at which the loss was lowest, where it still falls, in two digits."""
        return float(f"{self.rates[self.lowest] / 10:.1e}")

    @property
    def yaml(self) -> str:
        """What to write into the config."""
        return f"compile: {{optimizer: {{{self.optimizer}: {{learning_rate: {self.suggestion:g}}}}}}}"


class _Count(Progress):
    """Asks the training to stop once it has taken so many steps."""

    def __init__(self, steps: int) -> None:
        self.stop, self.steps, self.epochs, self.per_epoch = Stop(), steps, 0, 0

    def begin(self, label: str, epochs: int, steps: int) -> None:
        self.per_epoch = steps

    def step(self, step: int, loss: float) -> None:
        if self.epochs * self.per_epoch + step >= self.steps:
            self.stop.signal_number = signal.SIGTERM

    def epoch(self, row: Mapping[str, float]) -> None:
        self.epochs += 1


def search(
    config: Path, overrides: Sequence[str], options: experiment.Options, say: Callable[[str], None], steps: int = STEPS
) -> Search:
    """Trains for `steps` steps in a folder that nobody keeps; the config's own rate and callbacks are set aside."""
    loaded = experiment.load(config, overrides, options)
    optimizer = loaded.compile.optimizer
    growth = {"initial_learning_rate": LOWEST, "decay_steps": steps, "decay_rate": HIGHEST / LOWEST}
    arguments = {**_plain(optimizer.to_data()), "learning_rate": {"ExponentialDecay": growth}}
    say(f"{steps} steps with {optimizer.name}, the learning rate from {LOWEST:g} to {HIGHEST:g}")
    epochs = math.ceil(steps / _EPOCH)
    while True:
        extra = [
            f"compile.optimizer={json.dumps({optimizer.name: arguments})}",
            f"fit.epochs={epochs}",
            f"fit.steps_per_epoch={_EPOCH}",
            "fit.initial_epoch=0",
            "fit.callbacks=[]",
            "fit.keep=last",
            f"fit.validation_freq={epochs + 1}",
            "report.figures=[]",
        ]
        count = _Count(steps)
        losses = _losses(config, [*overrides, *extra], replace(options, progress=count, stop=count.stop))
        whole = len(losses) >= steps or not all(map(math.isfinite, losses)) or count.epochs < epochs
        if whole or count.per_epoch == 0:
            return found(losses[:steps], steps, optimizer.name)
        epochs = math.ceil(steps / count.per_epoch)  # an epoch has fewer steps than was thought


def found(losses: Sequence[float], steps: int, optimizer: str) -> Search:
    """What the losses of rates that rise geometrically tell."""
    rates = [LOWEST * (HIGHEST / LOWEST) ** (step / steps) for step in range(len(losses))]
    smooth = _smoothed(losses)
    lowest = min(range(len(smooth)), key=smooth.__getitem__, default=0)
    if lowest < 2:
        raise RunError(
            "the loss never fell, at no learning rate",
            expected="a loss that falls while the rate rises",
            hint="look at the data, the loss and the last layer; `nnrun check` and `nnrun show` help",
        )
    end = next(
        (place for place in range(lowest, len(smooth)) if smooth[place] > _LOST * abs(smooth[lowest])), len(smooth)
    )
    falls = [after - before for before, after in pairwise(smooth[: lowest + 1])]
    steepest = min(range(len(falls)), key=falls.__getitem__)
    return Search(tuple(rates[:end]), tuple(smooth[:end]), lowest, steepest, optimizer)


def _losses(config: Path, overrides: Sequence[str], options: experiment.Options) -> list[float]:
    """Each batch's own loss; up to the step at which it was lost."""
    with scratch() as folder:
        told = replace(options, runs=folder)
        try:
            run = experiment.train(experiment.load(config, overrides, told), told)
        except (DivergedError, StoppedError):
            run = latest(folder)
        steps = run.steps
        return [loss for loss in (steps.columns["loss"] if steps is not None else []) if math.isfinite(loss)]


def _smoothed(losses: Sequence[float]) -> list[float]:
    """A running mean that begins without a bias towards nothing."""
    mean, found = 0.0, []
    for place, loss in enumerate(losses, start=1):
        mean = _MEMORY * mean + (1 - _MEMORY) * loss
        found.append(mean / (1 - _MEMORY**place))
    return found


def _plain(data: Any) -> dict[str, Any]:
    """The arguments of a spec as plain data."""
    return dict(next(iter(data.values()))) if isinstance(data, dict) else {}
