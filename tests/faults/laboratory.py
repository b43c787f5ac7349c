"""Where commands are run to be broken: the compiled shim, a fork server, and cases that start in a moment.

lab = laboratory()
ended = lab.command(["train", config, "--runs", "runs"], folder, Fault("kill", 37))
"""

from __future__ import annotations

import atexit
import importlib.util
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from commandline import environment

HERE = Path(__file__).resolve().parent
AT_ONCE = os.cpu_count() or 1
LONGEST = 120.0  # seconds that a case may take before it counts as hung

# Which operations are counted (shim.c has the letters). A sync changes nothing that a kill leaves behind, so a kill
# before it is the kill before the operation that follows; only what needs room can be refused by a full disk.
CHANGING, WRITES, NEEDING_ROOM = "cowrudtl", "w", "cwrsdl"


@dataclass(frozen=True)
class Fault:
    """What breaks: the operation `number`, counted from 1 among those of `letters`."""

    mode: str
    number: int
    letters: str = CHANGING

    def __str__(self) -> str:
        return f"{self.mode} {self.number}"


@dataclass(frozen=True)
class Operation:
    """One file operation under the folder of the runs."""

    letter: str
    path: str

    def __str__(self) -> str:
        return f"{self.letter} {self.path}"


@dataclass(frozen=True)
class Ended:
    """What a command left; `code` is the shell's: 128 and the signal's number where one killed it."""

    code: int
    killed: bool
    out: str
    err: str
    operations: Sequence[Operation] = ()

    @property
    def said(self) -> str:
        """The end of what it printed, for the message of a failed test."""
        return "\n".join((self.out + self.err).strip().splitlines()[-12:])


@dataclass
class Case:
    """A command that runs."""

    process: int
    folder: Path
    _answers: socket.socket
    _ledger: Path | None

    def signal(self, number: int) -> None:
        """Sends a signal; a command that has ended does not mind."""
        try:
            os.kill(self.process, number)
        except ProcessLookupError:
            return

    def wait(self) -> Ended:
        """How it ended; a command that hangs is killed and told with code -1."""
        self._answers.settimeout(LONGEST)
        hung = False
        try:
            code = int(_line(self._answers))
        except TimeoutError:
            self.signal(signal.SIGKILL)
            _line(self._answers)
            code, hung = -1, True
        self._answers.close()
        out, err = (_text(self.folder / name) for name in ("out", "err"))
        operations = _read_ledger(self._ledger) if self._ledger else ()
        return Ended(code if code >= 0 or hung else 128 - code, code < 0, out, err, operations)


class Laboratory:
    """A fork server and the shim in it."""

    def __init__(self, backend: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="nnrun-faults-"))
        self._socket = self.folder / "socket"
        settings = {
            **environment(),
            "LD_PRELOAD": str(_shim()),
            "TF_NUM_INTRAOP_THREADS": "1",
            "TF_NUM_INTEROP_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "PYTHONDONTWRITEBYTECODE": "1",
            **compiled_once(self.folder / "compiled"),
        }
        command = [sys.executable, str(HERE / "forkserver.py"), str(self._socket), backend]
        # A session of its own: Ctrl-C reaches the tests, which end the server by closing its stdin.
        self._server = subprocess.Popen(
            command, env=settings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        assert self._server.stdout is not None
        assert self._server.stdout.readline() == b"ready\n", "the fork server did not start"

    def start(
        self,
        arguments: Iterable[str | Path],
        folder: Path,
        fault: Fault | None = None,
        *,
        runs: str = "runs",
        at: float = 0.0,
        before: str = "",
    ) -> Case:
        """Begins `nnrun ARGUMENTS` in `folder`; operations under `runs` are counted where there is a fault."""
        folder.mkdir(parents=True, exist_ok=True)
        ledger = folder / "operations" if fault else None
        told = None
        if fault and ledger:
            (folder / runs).mkdir(exist_ok=True)
            ledger.unlink(missing_ok=True)
            told = [fault.mode, fault.number, fault.letters, str(folder / runs), str(ledger)]
        case = {
            "arguments": [str(argument) for argument in arguments],
            "folder": str(folder),
            "fault": told,
            "start": at,
            "before": before,
        }
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(self._socket))
        connection.sendall((json.dumps(case) + "\n").encode())
        return Case(int(_line(connection)), folder, connection, ledger)

    def command(self, arguments: Iterable[str | Path], folder: Path, fault: Fault | None = None) -> Ended:
        """Runs `nnrun ARGUMENTS` to its end."""
        return self.start(arguments, folder, fault).wait()

    def close(self) -> None:
        """Ends the server; its children have ended with their cases."""
        for stream in (self._server.stdin, self._server.stdout):
            if stream is not None:
                stream.close()
        self._server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def laboratory(backend: str = "tensorflow") -> Laboratory:
    """The one of this session with Keras loaded on a backend; skips without a C compiler, or without the backend."""
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed: pip install 'nnrun[{backend}]'")
    return _of(backend)


@cache
def _of(backend: str) -> Laboratory:
    lab = Laboratory(backend)
    atexit.register(lab.close)
    return lab


def compiled_once(folder: Path) -> dict[str, str]:
    """The environment in which JAX takes a program from `folder` that another training has compiled: that takes
    five seconds."""
    return {
        "JAX_COMPILATION_CACHE_DIR": str(folder),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }


def every(check: Callable[[int], str], points: Iterable[int]) -> list[str]:
    """What `check` complains about at the points, as many at once as there are cores."""
    with ThreadPoolExecutor(AT_ONCE) as workers:
        return [complaint for complaint in workers.map(check, points) if complaint]


@cache
def _shim() -> Path:
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("no C compiler `cc`, or no Linux: file operations cannot be broken")
    folder = Path(tempfile.mkdtemp(prefix="nnrun-shim-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    library = folder / "shim.so"
    command = [
        compiler,
        "-shared",
        "-fPIC",
        "-O2",
        "-Wall",
        "-Wextra",
        "-o",
        str(library),
        str(HERE / "shim.c"),
        "-ldl",
    ]
    subprocess.run(command, check=True, capture_output=True)
    return library


def _line(connection: socket.socket) -> str:
    """One line, read a byte at a time: the socket may carry another later."""
    line = b""
    while not line.endswith(b"\n"):
        byte = connection.recv(1)
        if not byte:
            raise RuntimeError("the fork server has ended")
        line += byte
    return line.decode()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def _read_ledger(path: Path) -> list[Operation]:
    if not path.exists():
        return []
    with path.open("rb") as file:
        _, noted = struct.unpack("qq", file.read(16))
        records = [file.read(128) for _ in range(min(noted, 16384))]
    return [Operation(chr(record[0]), record[1:].split(b"\0")[0].decode("utf-8", "replace")) for record in records]
