"""The filters of the first convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnrun.report.figures import _probe
from nnrun.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def filters(run: Run) -> Figure | None:
    """What the first convolution looks for: a row for each channel of its input, red adds and blue takes away."""
    seen = _probe.read(run)
    if seen is None or "filters" not in seen:
        return None
    kernel = seen["filters"].astype("float32")
    count = kernel.shape[-1]
    channels = range(min(kernel.shape[2], 4))
    rows = [
        (_channel(number, kernel.shape[2]), [(kernel[:, :, number, f], "RdBu_r") for f in range(count)])
        for number in channels
    ]
    size = " x ".join(map(str, kernel.shape[:2]))
    told = f"the first {count}, of {size}; red: above 0, blue: below 0"
    return _probe.tiles(rows, 16, title=f"{run.name}: filters of {seen['filter_layer']}", says=told)


def _channel(number: int, count: int) -> str:
    names = ("red", "green", "blue") if count == 3 else ()
    return names[number] if names else "" if count == 1 else f"channel {number}"
