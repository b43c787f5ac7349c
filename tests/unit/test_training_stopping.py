"""Signals: out at once before the first step, a flag from there on, and nothing of ours is left behind."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import pytest

from nnrun.errors import ConfigError, DivergedError, Problem, StoppedError, StorageError
from nnrun.training.stopping import SIGNALS, Stop


def carry_out(stop: Stop, *acts: Callable[[], object]) -> None:
    """The acts, in a block that listens."""
    with stop.listening():
        for act in acts:
            act()


def send(number: int) -> Callable[[], object]:
    return lambda: signal.raise_signal(number)


def turned_into(error: Exception) -> Callable[[], object]:
    """A library that is interrupted by a signal, and raises an error of its own."""

    def act() -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            raise error from None

    return act


def raising(error: BaseException) -> Callable[[], object]:
    def act() -> None:
        raise error

    return act


@pytest.mark.parametrize("number", SIGNALS)
def test_training_stopping_before_the_first_step_a_signal_ends_the_block(number: signal.Signals) -> None:
    stop, before, passed = Stop(), signal.getsignal(number), list[str]()
    stop.advice = "go on with: nnrun resume runs/a"
    with pytest.raises(StoppedError, match=r"^stopped\n    go on with: nnrun resume runs/a$") as caught:
        carry_out(stop, send(number), lambda: passed.append("the block goes on"))
    assert caught.value.exit_code == 128 + number
    assert passed == []
    assert signal.getsignal(number) == before


@pytest.mark.parametrize("number", SIGNALS)
def test_training_stopping_a_deferred_signal_is_a_flag(number: signal.Signals) -> None:
    stop, passed = Stop(), list[bool]()
    carry_out(stop, stop.defer, lambda: passed.append(stop.asked), send(number), lambda: passed.append(stop.asked))
    assert passed == [False, True]
    assert stop.error("stopped in epoch 3").exit_code == 128 + number


def test_training_stopping_a_second_signal_acts_at_once() -> None:
    stop, passed = Stop(), list[str]()
    interrupt = send(signal.SIGINT)
    with pytest.raises(StoppedError) as caught:
        carry_out(
            stop, stop.defer, interrupt, lambda: passed.append("first"), interrupt, lambda: passed.append("second")
        )
    assert caught.value.exit_code == 130
    assert passed == ["first"]


def test_training_stopping_acts_at_once_again_when_the_last_snapshot_is_taken() -> None:
    stop = Stop()
    with pytest.raises(StoppedError) as caught:
        carry_out(stop, stop.defer, stop.at_once, send(signal.SIGTERM))
    assert caught.value.exit_code == 143


def test_training_stopping_what_a_library_makes_of_the_interrupt_is_a_stop() -> None:
    with pytest.raises(StoppedError, match=r"^stopped$") as caught:
        carry_out(Stop(), turned_into(ValueError("could not pack sequence")))
    assert caught.value.exit_code == 143
    with pytest.raises(StoppedError):
        carry_out(Stop(), turned_into(ConfigError([Problem("the training: could not pack sequence")])))


@pytest.mark.parametrize(
    "error", [StorageError("cannot write a"), StoppedError("stopped in epoch 2", signal_number=signal.SIGTERM)]
)
def test_training_stopping_what_says_more_is_kept(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        carry_out(Stop(), turned_into(error))
    assert caught.value is error


@pytest.mark.parametrize("error", [ConfigError([Problem("wrong")]), DivergedError("lost"), ValueError("a bug")])
def test_training_stopping_leaves_errors_alone_that_no_signal_made(error: Exception) -> None:
    stop = Stop()
    with pytest.raises(type(error)) as caught:
        carry_out(stop, stop.defer, send(signal.SIGTERM), raising(error))  # a flag only: the error came by itself
    assert caught.value is error
    assert stop.asked


def test_training_stopping_leaves_a_keyboard_interrupt_that_is_not_its_own() -> None:
    with pytest.raises(KeyboardInterrupt):
        carry_out(Stop(), raising(KeyboardInterrupt()))  # no signal was sent


def test_training_stopping_leaves_an_ignored_signal_ignored() -> None:
    before, stop = signal.signal(signal.SIGHUP, signal.SIG_IGN), Stop()  # as nohup does
    try:
        carry_out(stop, send(signal.SIGHUP))
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert not stop.asked


def test_training_stopping_listens_only_in_the_main_thread() -> None:
    seen: list[object] = []
    thread = threading.Thread(
        target=carry_out, args=(Stop(), lambda: seen.extend(signal.getsignal(number) for number in SIGNALS))
    )
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(number) for number in SIGNALS]
