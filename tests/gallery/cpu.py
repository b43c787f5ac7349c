"""The CPU seconds of `nnrun check` on each config of the gallery, by hand: `python tests/gallery/cpu.py`."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def seconds(config: Path) -> float:
    """What one command takes, with the start of Python."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "nnrun", "check", str(config)], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    for config in sorted(HERE.glob("*.yaml")):
        print(f"{seconds(config):6.2f} s  {config.stem}")
