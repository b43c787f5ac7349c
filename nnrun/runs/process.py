"""Whether the process that writes a run is still there."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PROC = Path("/proc")


def identity() -> dict[str, Any]:
    """This process, for `run.json` under `process`: its number, its start, the boot, a digest of the host.

    The host's name itself is not recorded: a run folder is often shared. `started` and `boot` tell a process
    from a later one with the same number; they are None on systems without /proc.
    """
    pid = os.getpid()
    return {"pid": pid, "started": _started(pid), "boot": _boot(), "host": _host()}


def alive(process: Mapping[str, Any]) -> bool | None:
    """Whether the process of an `identity` runs; None if it belongs to another host, or is not described."""
    pid = process.get("pid")
    if not isinstance(pid, int) or process.get("host", _host()) != _host():
        return None
    if process.get("boot", _boot()) != _boot() or not _exists(pid):
        return False
    started = process.get("started")
    return started is None or started == _started(pid)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:  # there, and another user's
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return _stat(pid)[:1] != ["Z"]  # a zombie has ended; its parent has not asked yet


def _stat(pid: int) -> list[str]:
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()  # the name before it may hold blanks and brackets


def _started(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[19]) if len(fields) > 19 else None  # field 22 of proc(5), in clock ticks after the boot


def _boot() -> str | None:
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None


def _host() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:16]
