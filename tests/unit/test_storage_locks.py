"""One process trains a run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nnrun.errors import BusyError, StorageError
from nnrun.storage.locks import Lock

HOLDING = """
import sys, time
from pathlib import Path
from nnrun.storage.locks import Lock
lock = Lock.take(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(600)
"""


def test_locks_a_run_that_is_trained_is_busy_in_the_same_process_too(tmp_path: Path) -> None:
    with Lock.take(tmp_path):
        with pytest.raises(BusyError) as caught:
            Lock.take(tmp_path)
        assert caught.value.exit_code == 75
        assert str(caught.value).splitlines()[0] == f"{tmp_path} is being trained by another process"
    Lock.take(tmp_path).release()


def test_locks_release_twice_frees_once(tmp_path: Path) -> None:
    first = Lock.take(tmp_path)
    first.release()
    second = Lock.take(tmp_path)
    first.release()
    with pytest.raises(BusyError):
        Lock.take(tmp_path)
    second.release()


def test_locks_leave_nothing_in_the_folder(tmp_path: Path) -> None:
    with Lock.take(tmp_path):
        assert os.listdir(tmp_path) == []


def test_locks_of_a_killed_process_are_free(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDING, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            with pytest.raises(BusyError):
                Lock.take(tmp_path)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
    Lock.take(tmp_path).release()


def test_locks_are_not_held_by_a_program_that_was_started(tmp_path: Path) -> None:
    lock = Lock.take(tmp_path)
    with subprocess.Popen(["sleep", "600"], close_fds=False) as process:
        try:
            lock.release()
            Lock.take(tmp_path).release()
        finally:
            process.kill()


def test_locks_are_not_held_by_a_forked_worker_that_lives_on(tmp_path: Path) -> None:
    lock = Lock.take(tmp_path)
    told, tell = os.pipe()
    worker = os.fork()
    if worker == 0:  # what runs after a fork has run when fork returns
        os.write(tell, b"x")
        signal.pause()
        os._exit(0)
    try:
        os.read(told, 1)
        with pytest.raises(BusyError):
            Lock.take(tmp_path)  # the worker's letting go frees nothing of its parent's
        lock.release()
        Lock.take(tmp_path).release()
    finally:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
        os.close(told)
        os.close(tell)


def test_locks_of_a_folder_that_is_not_there_are_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file or directory"):
        Lock.take(tmp_path / "no")


def test_locks_where_the_file_system_has_none_let_the_run_train(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno
    import fcntl

    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with Lock.take(tmp_path) as lock:
        assert lock.folder == tmp_path
