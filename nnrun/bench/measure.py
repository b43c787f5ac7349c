"""One variant, measured in this process, which must be a fresh one: that is what makes its memory honest."""

from __future__ import annotations

import signal
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from nnrun import experiment
from nnrun.bench.memory import device_memory, peak_memory
from nnrun.bench.variants import Measurement
from nnrun.errors import StoppedError
from nnrun.runs.index import latest
from nnrun.training.progress import Progress
from nnrun.training.stopping import Stop

EPOCHS = 1_000_000  # the time ends the training, not their number
FEWEST = 3  # calls of the loop, for a median


class Meter(Progress):
    """Hears a training and takes the time; asks it to stop some seconds after its first steps.

    `began` is the moment, by the clock on the wall, at which the process was started.
    """

    def __init__(self, seconds: float, began: float) -> None:
        self.seconds, self.began, self.stop = seconds, began, Stop()
        self.start, self.memory, self.is_done = 0.0, 0, False
        self.calls: list[tuple[int, float]] = []  # the epoch, and the seconds a step
        self.epochs: list[float] = []
        self.losses: list[tuple[int, float]] = []
        self._steps = self._step = 0  # of an epoch, and those of this one that are done
        self._last = self._epoch_began = self._ends = 0.0

    def begin(self, label: str, epochs: int, steps: int) -> None:
        self._steps = steps
        self._last = self._epoch_began = time.perf_counter()

    def step(self, step: int, loss: float) -> None:
        now = time.perf_counter()
        if not self.losses:
            self.start, self._ends = time.time() - self.began, now + self.seconds
        else:
            self.calls.append((len(self.epochs), (now - self._last) / (step - self._step)))
        self.losses.append((len(self.epochs) * self._steps + step, loss))
        self._last, self._step = now, step
        if now >= self._ends and len(self.calls) >= FEWEST:
            self.end()
            self.is_done = True
            self.stop.signal_number = signal.SIGTERM

    def epoch(self, row: Mapping[str, float]) -> None:
        now = time.perf_counter()
        self.epochs.append(now - self._epoch_began)
        self._last = self._epoch_began = now
        self._step = 0

    def end(self) -> None:
        """The memory of the training, before anything else is done."""
        self.memory = self.memory or peak_memory()

    @property
    def seconds_a_step(self) -> float:
        """The median over calls, of later epochs where there are enough: the first one compiles."""
        later = [seconds for epoch, seconds in self.calls if epoch]
        return statistics.median(later if len(later) >= FEWEST else [seconds for _, seconds in self.calls])

    @property
    def seconds_an_epoch(self) -> float:
        """The median with validation and all; where no epoch but the first was whole, its steps alone."""
        return statistics.median(self.epochs[1:]) if self.epochs[1:] else self._steps * self.seconds_a_step

    def rows_a_step(self, rows: int, batch_size: int) -> float:
        """Fewer than a batch on average, where the last one is short."""
        return min(rows, self._steps * batch_size) / self._steps


def measure(
    config: Path, overrides: Sequence[str], options: experiment.Options, seconds: float, began: float
) -> Measurement | None:
    """Trains into `options.runs`, an empty folder, for some seconds; None where it ended before it could be timed."""
    meter = Meter(seconds, began)
    extra = [f"fit.epochs={EPOCHS}", "report.figures=[]"]
    options = experiment.Options(
        runs=options.runs,
        data_root=options.data_root,
        allow_download=options.allow_download,
        progress=meter,
        stop=meter.stop,
    )
    checked = experiment.load(config, [*overrides, *extra], options)
    try:
        run = experiment.train(checked, options)
    except StoppedError:
        if not meter.is_done:
            raise
        run = latest(Path(options.runs))
    if not meter.calls:
        return None
    rows = run.info["parts"]["train"]["rows"]
    return Measurement(
        device=str(run.info["device"]),
        start=meter.start,
        step=meter.seconds_a_step,
        epoch=meter.seconds_an_epoch,
        rows_per_second=meter.rows_a_step(rows, checked.fit.batch_size) / meter.seconds_a_step,
        memory=meter.memory,
        device_memory=device_memory(),
        losses=tuple(meter.losses),
    )
