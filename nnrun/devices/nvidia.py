"""What NVIDIA's own tool tells of its GPUs, which no backend tells without taking memory."""

from __future__ import annotations

import csv
import shutil
import subprocess
from typing import Any

_COLUMNS = {
    "index": "number",
    "name": "name",
    "memory.total": "memory",
    "memory.free": "free",
    "driver_version": "driver",
    "compute_cap": "compute_capability",
}
_LIMIT = 20.0  # seconds; a driver that hangs makes its tool hang


def gpus() -> list[dict[str, Any]]:
    """Each GPU with its number, name, bytes of memory, driver and compute capability; none where the tool is silent."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    command = [tool, f"--query-gpu={','.join(_COLUMNS)}", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return read(answer.stdout) if answer.returncode == 0 else []


def read(table: str) -> list[dict[str, Any]]:
    """The tool's table; what it does not know ("[N/A]", as memory of a part of a GPU) is None."""
    found = []
    for cells in csv.reader(table.splitlines(), skipinitialspace=True):
        if len(cells) == len(_COLUMNS):
            row: dict[str, Any] = {
                key: None if cell.startswith("[") else cell for key, cell in zip(_COLUMNS.values(), cells, strict=True)
            }
            mebibytes = {key: row[key] for key in ("memory", "free")}
            row |= {key: int(value) * 2**20 if value and value.isdigit() else None for key, value in mebibytes.items()}
            found.append(row | {"number": int(row["number"] or 0)})
    return found
