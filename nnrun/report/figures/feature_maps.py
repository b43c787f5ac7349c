"""What the layers of a convolutional model make of one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnrun.report.figures import _probe
from nnrun.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def feature_maps(run: Run) -> Figure | None:
    """One held-out picture, and below it the first channels of each convolution and pooling: bright is a high value."""
    seen = _probe.read(run)
    if seen is None or "layers" not in seen:
        return None
    rows: list[tuple[str, list[_probe.Tile]]] = [("the picture", [(_probe.picture(seen["picture"]), "gray")])]
    for number, layer in enumerate(seen["layers"]):
        maps = seen[f"maps_{number}"].astype("float32")
        tiles = [(maps[..., channel], "viridis") for channel in range(maps.shape[-1])]
        size = " x ".join(map(str, maps.shape[:2]))
        rows.append((f"{_short(str(layer))}\n{size}", tiles))
    says = f"row {int(seen['row'])}, which it was not trained on; the first channels of each layer"
    return _probe.tiles(rows, 16, title=f"{run.name}: feature maps", says=says)


def _short(name: str) -> str:
    return name if len(name) <= 22 else f"…{name[-21:]}"
