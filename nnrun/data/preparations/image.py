"""Pictures in files that a column names, as numbers from 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nnrun.data.pictures import CHANNELS, Pictures, common_folder
from nnrun.data.rows import Float32Rows, Rows
from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

TAKES, GIVES = "files", "array"


def fit(
    values: np.ndarray[Any, Any],
    *,
    image_size: list[int] | None = None,
    color_mode: Literal["rgb", "grayscale"] = "rgb",
    folder: str | None = None,  # noqa: ARG001  where the paths were found
) -> dict[str, Any]:
    """The size, where it is not written that of the first training row's picture.

    Args:
        values: The files' paths, one column.
        image_size: Height and width to resize to; without it all pictures must have one size.
        color_mode: rgb (3 channels) or grayscale (1 channel).
        folder: Where the files lie, below the folder of the table; by default there.
    """
    if color_mode not in CHANNELS:
        raise DataError(f"color_mode {color_mode!r} is not known", expected="rgb or grayscale")
    files = list(values[:1, 0])
    first = Pictures(common_folder(files), files, image_size, color_mode)
    return {"shape": list(first.shape[1:]), "resized": image_size is not None, "color_mode": color_mode}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> Rows:
    """float32 (rows, height, width, channels), decoded when they are asked for."""
    files = list(values[:, 0])
    size = state["shape"][:2] if state["resized"] else None
    pictures = Pictures(common_folder(files), files, size, state["color_mode"])
    return Float32Rows(pictures, 1 / 255)


def shape(settings: Mapping[str, Any], column_count: int | None) -> tuple[int | None, ...]:  # noqa: ARG001  always 1
    """The shape of a row."""
    size = settings.get("image_size") or (None, None)
    return (*size, CHANNELS.get(settings.get("color_mode", "rgb")))
