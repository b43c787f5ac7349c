"""The most memory that this process has held, in main memory and on its devices."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path

from nnrun.model import framework


def peak_memory() -> int:
    """Bytes of main memory; Linux counts them anew for each program, where getrusage takes over the parent's."""
    try:
        found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"), re.M)
    except OSError:
        found = None
    if found:
        return int(found[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def device_memory() -> int | None:
    """Bytes on the fullest accelerator; None where there is none that tells."""
    if framework.backend() == "jax":
        found = [(device.memory_stats() or {}).get("peak_bytes_in_use", 0) for device in framework.jax().devices()]
    else:
        config = framework.tensorflow().config
        names = [f"GPU:{number}" for number in range(len(config.list_physical_devices("GPU")))]
        found = [config.experimental.get_memory_info(name)["peak"] for name in names]
    return max(found, default=0) or None
