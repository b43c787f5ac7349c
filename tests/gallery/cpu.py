"""The CPU seconds of `nnrun check` on each config of the gallery, beside its data: `python tests/gallery/cpu.py`."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from gallery import HERE, MAKERS, NAMES


def seconds(config: Path, folder: Path) -> float:
    """What one command takes, with the start of Python."""
    command = [sys.executable, "-m", "nnrun", "check", str(config), "--data-root", str(folder)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(HERE.parents[1])})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            if name in MAKERS:
                MAKERS[name](Path(folder))
            median = sorted(seconds(HERE / f"{name}.yaml", Path(folder)) for _ in range(3))[1]
            print(f"{median:6.2f} s  {name}", flush=True)
