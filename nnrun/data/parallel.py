"""Work on many pieces at once: in copies of this process where that is safe, else in threads.

Decoding a small picture lets go of Python's lock for so short a moment that threads hardly gain from it.
"""

from __future__ import annotations

import ctypes
import mmap
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

THREADED = frozenset({"tensorflow", "jax"})  # modules that start threads of their own, which no copy has
MOST_PIECES = 2**14  # of which a pipe holds the numbers unread
PR_SET_PDEATHSIG = 1  # of Linux' prctl: a signal when the parent dies


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def forks() -> bool:
    """Whether `for_each` works in copies of this process."""
    return (
        sys.platform == "linux"
        and processors() > 1
        and threading.active_count() == 1
        and not THREADED & sys.modules.keys()
    )


def empty(shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """An array that the work of `for_each` can write into, wherever it is done."""
    import numpy as np

    size = int(np.prod(shape)) * dtype.itemsize
    if not (size and forks()):
        return np.empty(shape, dtype)
    return np.frombuffer(mmap.mmap(-1, size), dtype).reshape(shape)


def for_each(work: Callable[[Any], Any], pieces: Sequence[Any]) -> list[Any]:
    """What the work gives for each piece, in their order; of pieces beyond `MOST_PIECES` copies do none."""
    if len(pieces) < 2:
        return [work(piece) for piece in pieces]
    if not forks():
        with ThreadPoolExecutor(processors()) as threads:
            return list(threads.map(work, pieces))
    queue = _Queue(len(pieces))
    children = [_Child(work, pieces, queue) for _ in range(processors() - 1)]
    try:
        found = {number: work(pieces[number]) for number in queue}
        for child in children:
            found |= child.found()
    finally:
        queue.close()
        for child in children:
            child.end()
    # What a copy had taken when it died is done here, and whatever killed it is met here.
    return [found[number] if number in found else work(piece) for number, piece in enumerate(pieces)]


class _Queue:
    """The numbers of the pieces in a pipe, from which processes take the next: no lock that a dead one could hold."""

    def __init__(self, count: int) -> None:
        self.receiver, sender = os.pipe()
        os.write(sender, b"".join(number.to_bytes(4, "little") for number in range(min(count, MOST_PIECES))))
        os.close(sender)

    def __iter__(self) -> Iterator[int]:
        while number := os.read(self.receiver, 4):
            yield int.from_bytes(number, "little")

    def close(self) -> None:
        os.close(self.receiver)


class _Child:
    """A copy of this process that works on what it takes from the queue."""

    def __init__(self, work: Callable[[Any], Any], pieces: Sequence[Any], queue: _Queue) -> None:
        context = multiprocessing.get_context("fork")
        self.work, self.pieces, self.queue = work, pieces, queue
        self.receiver, sender = context.Pipe(duplex=False)
        self.process = context.Process(target=self._run, args=(sender, os.getpid()), daemon=True)
        with warnings.catch_warnings():  # of numpy's own threads, of which the copy uses nothing
            warnings.simplefilter("ignore", DeprecationWarning)
            self.process.start()
        sender.close()

    def found(self) -> dict[int, Any]:
        """What the copy found, by the number of the piece; nothing where it has died."""
        try:
            return dict(self.receiver.recv())
        except EOFError:
            return {}

    def end(self) -> None:
        self.receiver.close()
        self.process.kill()
        self.process.join()
        self.process.close()

    def _run(self, sender: Connection, parent: int) -> None:
        """In the copy: it hears no signal for the run, and does not outlive its parent, whose locks it holds."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == parent:
            with suppress(Exception):  # met again by the parent
                sender.send({number: self.work(self.pieces[number]) for number in self.queue})
