"""How much memory this process may still take."""

from __future__ import annotations

import os
from pathlib import Path

UNKNOWN = 2**32  # where nothing tells


def available(root: Path = Path("/")) -> int:
    """Bytes: the least of what the machine has left and of what every control group above the process has left."""
    machine = _machine(root, "MemAvailable")
    left = [*_groups(root), *_own(root), *([] if machine is None else [machine])]
    return max(0, min(left)) if left else UNKNOWN


def whole(root: Path = Path("/")) -> int | None:
    """Bytes that the machine has, or that the least of the control groups above the process may have."""
    machine = _machine(root, "MemTotal")
    found = [*(most for most, _, _ in _limits(root)), *([] if machine is None else [machine])]
    return min(found, default=None)


def _machine(root: Path, key: str) -> int | None:
    for line in _text(root / "proc/meminfo").splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # not a POSIX system
        return None


def _own(root: Path) -> list[int]:
    """What is left below the limit that the process itself was given (`ulimit -d`), if there is one."""
    try:
        from resource import RLIM_INFINITY, RLIMIT_DATA, getrlimit
    except ImportError:  # Windows
        return []
    limit = getrlimit(RLIMIT_DATA)[0]
    if limit == RLIM_INFINITY:
        return []
    used = [line.split()[1] for line in _text(root / "proc/self/status").splitlines() if line.startswith("VmData:")]
    return [limit - 1024 * int(used[0])] if used else [limit]


def _groups(root: Path) -> list[int]:
    """What is left below each limit."""
    return [most - used + _cache(folder) for most, used, folder in _limits(root)]


def _limits(root: Path) -> list[tuple[int, int, Path]]:
    """Each limit, what is used of it, and its folder: version 2 of control groups, then version 1."""
    found = []
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, kinds, path = line.split(":", 2)
        if kinds not in ("", "memory") and "memory" not in kinds.split(","):
            continue
        top = root / "sys/fs/cgroup" / ("memory" if kinds else "")
        limit, usage = ("memory.limit_in_bytes", "memory.usage_in_bytes") if kinds else ("memory.max", "memory.current")
        group = top / path.strip("/")
        # Inside a container the path may be that of the host, and the limit stands at the top.
        for folder in (group, *(parent for parent in group.parents if parent.is_relative_to(top))):
            most, used = _text(folder / limit).strip(), _text(folder / usage).strip()
            if most.isdigit() and used.isdigit():
                found.append((int(most), int(used), folder))
    return found


def _cache(group: Path) -> int:
    """Files in memory that nobody has used lately count as used, and are given back on demand."""
    for line in _text(group / "memory.stat").splitlines():
        if line.startswith("inactive_file "):
            return int(line.split()[1])
    return 0


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
