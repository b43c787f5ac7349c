"""The variants of a config, measured one after the other, so that none takes the processors of another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnrun.bench.variants import Measurement, Result, Variant
from nnrun.errors import DataError
from nnrun.storage.scratch import scratch
from nnrun.training.stopping import Stop

COMMAND = (sys.executable, "-m", "nnrun.bench")
PATIENCE, TIMES = 60.0, 10.0  # a variant may take these seconds, and so many times as long as the first one


@dataclass(frozen=True)
class Request:
    """What is the same for every variant; `seconds` is how long each is trained."""

    config: Path
    overrides: Sequence[str]
    seconds: float
    data_root: Path | None = None
    allow_download: bool = False


def compare(request: Request, variants: Iterable[Variant], say: Callable[[str], None]) -> list[Result]:
    """Every variant with its measurement, or with the reason why there is none; a signal ends the process at work too.

    Raises DataError where the data cannot be used, which is nobody's fault but the data's.
    """
    results: list[Result] = []
    limit: float | None = None
    with Stop().listening():
        for variant in variants:
            began = time.monotonic()
            results.append(_measured(request, variant, limit))
            limit = limit or PATIENCE + TIMES * (time.monotonic() - began)
            say(told(results[-1]))
    return results


def told(result: Result) -> str:
    """A result in one line."""
    if result.measurement is None:
        return f"{result.variant}: {result.failed}"
    return f"{result.variant}: {result.measurement.step * 1000:.3g} ms a step"


def _measured(request: Request, variant: Variant, limit: float | None) -> Result:
    with scratch() as folder:
        sent = {
            "config": str(request.config),
            "overrides": [*request.overrides, *variant.overrides],
            "data_root": None if request.data_root is None else str(request.data_root),
            "allow_download": request.allow_download,
            "seconds": request.seconds,
            "folder": str(folder),
            "began": time.time(),
        }
        code, said = _carried_out([*COMMAND, json.dumps(sent)], limit)
        if code is None:
            return Result(variant, None, f"given up after {limit:.0f} s")
        answer = folder / "answer.json"
        if not answer.is_file():
            return Result(variant, None, _reason(code, said))
        return _result(variant, json.loads(answer.read_bytes()))


def _result(variant: Variant, answer: dict[str, Any]) -> Result:
    if answer.get("exit_code") == DataError.exit_code:
        raise DataError(answer["failed"], hint=answer["hint"])
    if "measurement" not in answer:
        return Result(variant, None, answer["failed"])
    told = answer["measurement"]
    # JSON has no NaN; it was written as null.
    losses = tuple((steps, float("nan") if loss is None else loss) for steps, loss in told["losses"])
    return Result(variant, Measurement(**{**told, "losses": losses}))


def _carried_out(command: list[str], limit: float | None) -> tuple[int | None, str]:
    """The exit code, None where the time was over, and what was said on stderr; the process does not outlive this."""
    process = subprocess.Popen(
        command,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    try:
        _, said = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        return None, ""
    finally:
        _end(process)
    return process.returncode, said


def _environment() -> dict[str, str]:
    """That of this process; the other one finds the same nnrun, however this one found it."""
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.communicate(timeout=10)
    except subprocess.TimeoutExpired:  # it does not listen
        process.kill()
        process.communicate()


def _reason(code: int, said: str) -> str:
    """Of a process that died without an answer: its last line, or the signal."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if code < 0:
        return f"killed by signal {-code}" + (" (out of memory?)" if code == -9 else "")
    return lines[-1][:300] if lines else f"ended with code {code}"
