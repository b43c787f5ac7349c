"""What the meter makes of a training that it hears."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from commandline import environment

from nnrun.bench.measure import Meter
from nnrun.bench.memory import peak_memory


class Clock:
    """Time that goes on when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def later(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "perf_counter", clock)
    monkeypatch.setattr(time, "time", clock)
    return clock


def heard(meter: Meter, clock: Clock, calls: list[tuple[int, float]], validation: float = 0.0) -> None:
    """An epoch: after so many seconds so many of its steps are done; then it is validated."""
    for step, seconds in calls:
        clock.later(seconds)
        meter.step(step, 1 / step)
    clock.later(validation)
    meter.epoch({"epoch": 1.0, "loss": 0.5})


def test_meter_counts_the_start_from_the_start_of_the_process(clock: Clock) -> None:
    meter = Meter(10, began=clock.now - 3)
    clock.later(1)
    meter.begin("run", 100, 20)
    clock.later(2)
    meter.step(2, 0.5)
    assert meter.start == 6


def test_meter_takes_the_medians_without_the_first_epoch(clock: Clock) -> None:
    meter = Meter(1000, began=clock.now)
    meter.begin("run", 100, 20)
    heard(meter, clock, [(2, 30.0), (20, 9.0)], validation=5)
    for seconds in (0.2, 0.4, 9.0):
        heard(meter, clock, [(20, seconds)], validation=0.1)
    assert meter.seconds_a_step == pytest.approx(0.02)
    assert meter.seconds_an_epoch == pytest.approx(0.5)


def test_meter_of_a_long_first_epoch_leaves_out_its_first_call(clock: Clock) -> None:
    meter = Meter(1000, began=clock.now)
    meter.begin("run", 100, 100)
    for step, seconds in ((10, 30.0), (20, 5.0), (40, 10.0), (41, 9.0)):
        clock.later(seconds)
        meter.step(step, 1.0)
    assert meter.seconds_a_step == 0.5
    assert meter.seconds_an_epoch == 50


def test_meter_asks_the_training_to_stop_when_the_time_is_over(clock: Clock) -> None:
    meter = Meter(4, began=clock.now)
    meter.begin("run", 100, 1000)
    asked = []
    for step in (1, 2, 3, 4, 5, 6):
        clock.later(1)
        meter.step(step, 1.0)
        asked.append((meter.is_done, meter.stop.asked))
    assert asked == [(False, False)] * 4 + [(True, True)] * 2


def test_meter_waits_for_enough_calls_for_a_median(clock: Clock) -> None:
    meter = Meter(1, began=clock.now)
    meter.begin("run", 100, 1000)
    done = []
    for step in (1, 2, 3, 4):
        clock.later(60)
        meter.step(step, 1.0)
        done.append(meter.is_done)
    assert done == [False, False, False, True]


def test_meter_counts_the_steps_of_all_epochs(clock: Clock) -> None:
    meter = Meter(1000, began=clock.now)
    meter.begin("run", 100, 20)
    heard(meter, clock, [(5, 1.0), (20, 1.0)])
    heard(meter, clock, [(20, 1.0)])
    assert meter.losses == [(5, 0.2), (20, 0.05), (40, 0.05)]


@pytest.mark.parametrize(("rows", "expected"), [(100, 25.0), (128, 32.0), (1000, 32.0)])
def test_meter_knows_the_rows_of_a_step(clock: Clock, rows: int, expected: float) -> None:
    """A short last batch counts for what it is; `steps_per_epoch` may leave rows out."""
    meter = Meter(1, began=clock.now)
    meter.begin("run", 1, 4)
    assert meter.rows_a_step(rows, 32) == expected


def test_memory_is_the_peak() -> None:
    """In a process of its own, since this one may have held many gigabytes, which would have to be held again."""
    text = f"""\
from {peak_memory.__module__} import peak_memory
before = peak_memory()
held = bytearray(before + 2**26)
held[::4096] = b"x" * len(held[::4096])
del held
assert peak_memory() >= before + 2**26
"""
    subprocess.run([sys.executable, "-c", text], env=environment(), check=True)
