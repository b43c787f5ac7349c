"""SIGINT and SIGTERM as a flag that is read after each batch, so that a run ends with whole files."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """Whether, and by which signal, the run was asked to end."""

    def __init__(self) -> None:
        self.signal_number: int | None = None

    @contextmanager
    def listening(self) -> Iterator[Stop]:
        """Installs the handlers; a second signal acts at once, as it would without us."""
        if threading.current_thread() is not threading.main_thread():
            yield self
            return
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

        def handler(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
            self.signal_number = number
            signal.signal(number, before[signal.Signals(number)])

        for number in before:
            signal.signal(number, handler)
        try:
            yield self
        finally:
            for number, old in before.items():
                signal.signal(number, old)
