"""SIGINT, SIGTERM and SIGHUP: out at once before the first step, later a flag that is read after each call."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from nnrun.errors import StoppedError, StorageError

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop:
    """Whether, and by which signal, the run was asked to end; `advice` says how to go on."""

    def __init__(self) -> None:
        self.signal_number: int | None = None
        self.advice = ""
        self._deferred = self._interrupted = False

    @property
    def asked(self) -> bool:
        """Whether a signal came."""
        return self.signal_number is not None

    def error(self, what: str) -> StoppedError:
        """The error that ends the run."""
        return StoppedError(what, signal_number=self.signal_number or signal.SIGINT, hint=self.advice)

    def instead_of(self, error: BaseException) -> BaseException:
        """What an error is told as: a library may have turned the interrupt of a signal into an error of its own."""
        interrupted = self._interrupted or (self.asked and isinstance(error, KeyboardInterrupt))
        told = isinstance(error, StoppedError | StorageError)
        return self.error("stopped") if interrupted and not told else error

    def defer(self) -> None:
        """From now on a signal only sets the flag: there is a state worth a snapshot."""
        self._deferred = True

    def at_once(self) -> None:
        """From now on a signal ends the run where it is: nothing is lost by it."""
        self._deferred = False

    @contextmanager
    def listening(self) -> Iterator[Stop]:
        """Installs the handlers; a second signal acts at once, as it would without us.

        Raises StoppedError where a signal ended the block.
        """
        if threading.current_thread() is not threading.main_thread():
            yield self
            return
        # A program started by nohup goes on when its terminal is closed.
        before = {number: signal.getsignal(number) for number in SIGNALS}
        ours = [number for number in SIGNALS if before[number] is not signal.SIG_IGN]

        def handler(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
            self.signal_number = number
            signal.signal(number, before[signal.Signals(number)])
            if not self._deferred:
                self._interrupted = True
                raise KeyboardInterrupt  # no `except Exception` of a library holds it back

        for number in ours:
            signal.signal(number, handler)
        try:
            yield self
        except BaseException as error:
            told = self.instead_of(error)
            if told is error:
                raise
            raise told from None
        finally:
            self.at_once()
            for number in ours:
                signal.signal(number, before[number])
