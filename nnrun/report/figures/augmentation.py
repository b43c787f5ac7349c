"""Training rows as augmentation makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnrun.report.figures import _probe, _series
from nnrun.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LINES = 12  # channels that are still lines; more are a spectrogram


def augmentation(run: Run) -> Figure | None:
    """A few training rows, and beside each some versions of it that the model was trained on."""
    seen = _probe.read(run) or {}
    name = next((key for key in seen if key.startswith("augmented/")), None)
    if name is None:
        return None
    versions = seen[name].astype("float32")
    rows = [f"row {row}" for row in seen["augmented_rows"]]
    title = f"{run.name}: augmentation of {name.removeprefix('augmented/')}"
    says = "left the row itself, then versions of it; held-out rows are never changed"
    if versions.ndim == 5 or (versions.ndim == 4 and versions.shape[-1] > _LINES):
        tiles = [(row, [_tile(one) for one in _in_one_scale(versions[:, number])]) for number, row in enumerate(rows)]
        return _probe.tiles(tiles, len(versions), title=title, says=says, side=0.9)
    return _series.sheet(versions, rows, title=title, says=says)


def _in_one_scale(versions: Any) -> Any:
    """Versions of a row from 0 to 1, so that one that is darker looks darker."""
    low, high = min(0.0, float(versions.min())), max(1.0, float(versions.max()))
    return (versions - low) / (high - low)


def _tile(values: Any) -> _probe.Tile:
    """A picture in its own brightness, or a spectrogram with time to the right."""
    if values.ndim == 2:
        return values.T[::-1], "viridis"
    return values[..., :3] if values.shape[-1] >= 3 else values[..., :1].repeat(3, axis=-1), "gray"
