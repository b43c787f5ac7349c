"""One process trains a run: a lock on its folder, which the kernel frees however the process ends."""

from __future__ import annotations

import errno
import fcntl
import os
import weakref
from pathlib import Path
from types import TracebackType

from nnrun.errors import BusyError
from nnrun.storage.trouble import writing

# What file systems answer that know no locks on folders, NFS among them: there nothing keeps a second process out.
_NO_LOCKS = frozenset({errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP})


class Lock:
    """The right to train the run in a folder, until the end of the block or of the process.

        with Lock.take(run):
            ...

    BusyError where it is taken, be it by this same process.
    """

    def __init__(self, folder: Path, descriptor: int) -> None:
        self.folder = folder
        self._descriptor = descriptor
        _held.add(self)

    @classmethod
    def take(cls, folder: Path) -> Lock:
        """The lock of `folder`, at once or not at all."""
        with writing(folder):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)  # a program that is started does not get it
            try:
                _lock(descriptor)
            except BlockingIOError:
                os.close(descriptor)
                raise BusyError(
                    f"{folder} is being trained by another process",
                    hint="wait until it ends, or stop it; `nnrun train` starts a run of its own",
                ) from None
            except BaseException:
                os.close(descriptor)
                raise
        return cls(folder, descriptor)

    def release(self) -> None:
        """Frees the run; a second call does nothing."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise


_held: weakref.WeakSet[Lock] = weakref.WeakSet()


def _let_go_in_a_fork() -> None:
    """A worker that was forked off shares the lock, and would hold it if it outlived the training."""
    for lock in list(_held):
        lock.release()


os.register_at_fork(after_in_child=_let_go_in_a_fork)
