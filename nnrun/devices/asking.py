"""A backend, asked which devices it sees: in this process, or in one of its own that may not hang."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nnrun.model import importing
from nnrun.storage.atomic import write_json
from nnrun.storage.scratch import scratch

COMMAND = (sys.executable, "-m", "nnrun.devices.asking")
LIMIT = 60.0  # seconds; a TPU that is there answers in less, one that is not may be waited for without end
_KINDS = {"cuda": "gpu", "rocm": "gpu"}  # as newer or older versions of JAX call them


@dataclass(frozen=True)
class Answer:
    """The devices that a backend sees, as (kind, name), or why it did not say; `about` are its build and its memory."""

    devices: tuple[tuple[str, str], ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    failed: str = ""
    seconds: float = 0.0

    def of(self, kind: str) -> tuple[str, ...]:
        """The names of the devices of a kind."""
        return tuple(name for known, name in self.devices if known == kind)


def ask(backend: str, limit: float | None = None) -> Answer:
    """What a fresh process sees with a backend; after `limit` seconds it is killed, with all that it has started.

    Nothing of it stays in this process, where asking would fix what must still be set: the memory that a backend
    takes, and into how many devices the CPU is parted.
    """
    limit, began = LIMIT if limit is None else limit, time.monotonic()
    with scratch() as folder:
        code, said = _carried_out([*COMMAND, backend, str(folder / "answer.json"), f"{limit:g}"], limit)
        seconds = time.monotonic() - began
        if code is None:
            return Answer(failed=f"no answer within {limit:g} s", seconds=seconds)
        try:
            told = json.loads((folder / "answer.json").read_bytes())
        except (OSError, ValueError):
            return Answer(failed=_reason(code, said), seconds=seconds)
    return Answer(tuple((kind, name) for kind, name in told["devices"]), told["about"], seconds=seconds)


def of_tensorflow(tensorflow: Any) -> Answer:
    """What TensorFlow sees, as the module tells; it takes no memory to ask."""
    gpus = tensorflow.config.list_physical_devices("GPU")
    details = [tensorflow.config.experimental.get_device_details(gpu) for gpu in gpus]
    build = tensorflow.sysconfig.get_build_info()
    about = {key: str(build[f"{key}_version"]) for key in ("cuda", "cudnn") if build.get(f"{key}_version")}
    named = tuple(("gpu", str(detail.get("device_name", "GPU"))) for detail in details)
    return Answer(
        (("cpu", "CPU"), *named), {**about, "has_gpu_support": bool(tensorflow.test.is_built_with_gpu_support())}
    )


def of_jax(jax: Any) -> Answer:
    """What JAX sees, as the module tells; its platforms are fixed from here on."""
    found = [(_KINDS.get(device.platform, device.platform), str(device.device_kind)) for device in jax.local_devices()]
    named = [(kind, "CPU" if kind == "cpu" else name) for kind, name in found]
    return Answer(tuple(named if ("cpu", "CPU") in named else [("cpu", "CPU"), *named]))


def jax_is_awake() -> bool:
    """Whether JAX has looked at its devices in this process, and holds them."""
    bridge = sys.modules.get("jax._src.xla_bridge")  # JAX's own test before `jax.distributed.initialize`
    return bridge is not None and bool(bridge.backends_are_initialized())


def main(arguments: Sequence[str]) -> None:
    """The process that is asked: BACKEND FILE SECONDS."""
    backend, file, limit = arguments
    if hasattr(signal, "alarm"):
        signal.alarm(int(float(limit)) + 10)  # should nobody be left to end it
    module = importing.alone(backend)
    answer = of_jax(module) if backend == "jax" else of_tensorflow(module)
    write_json(Path(file), {"devices": answer.devices, "about": answer.about})


def _carried_out(command: list[str], limit: float) -> tuple[int | None, str]:
    """The exit code, None where the time was over, and what was said on stderr; nothing of it outlives this."""
    process = subprocess.Popen(
        command,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        _, said = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        _kill(process)
        return None, ""
    except BaseException:  # a signal to this process: the other one hears of none, in its own session
        _kill(process)
        raise
    return process.returncode, said


def _kill(process: subprocess.Popen[str]) -> None:
    """Ends the process and what it has started, whether they listen or not."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.communicate()


def _environment() -> dict[str, str]:
    """That of this process; the other one finds the same nnrun, and takes no more memory than it needs to answer."""
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    lean = {"XLA_PYTHON_CLIENT_PREALLOCATE": "false", "TF_CPP_MIN_LOG_LEVEL": "2"}
    return {**os.environ, **lean, "PYTHONPATH": os.pathsep.join(paths)}


def _reason(code: int, said: str) -> str:
    """Of a process that died without an answer: its last line, or the signal."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if code < 0:
        return f"its process was killed by signal {-code}"
    return lines[-1][:300] if lines else f"its process ended with code {code}"


if __name__ == "__main__":
    main(sys.argv[1:])
