"""Pictures as files, one each or many on a sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nnrun.storage.atomic import staged


def write(path: Path, picture: Any) -> None:
    """A picture (height, width, channels) or (height, width) of numbers from 0 to 1 as a PNG."""
    import numpy as np
    from PIL import Image

    values = np.clip(np.rint(np.asarray(picture, np.float32) * 255), 0, 255).astype(np.uint8)
    with staged(path) as temporary:
        Image.fromarray(values[..., 0] if values.ndim == 3 and values.shape[-1] == 1 else values).save(temporary)


def is_picture(shape: tuple[int, ...]) -> bool:
    """Whether a row of this shape can be a picture: grey or in colours."""
    return len(shape) == 3 and shape[-1] in (1, 3)


def ranged(pictures: Any) -> Any:
    """Pictures whose numbers below 0 or above 1 are brought between them, all by the same measure: those of -1 to 1."""
    import numpy as np

    low, high = min(0.0, float(pictures.min())), max(1.0, float(pictures.max()))
    return (pictures.astype(np.float32) - low) / (high - low)


def sheet(pictures: Any, columns: int, shown: int | None = None) -> Any:
    """Pictures (count, height, width, channels) side by side on white, `columns` a row, of which the first are `shown`.

    They are `ranged`.
    """
    import numpy as np

    count, tall, wide, channels = pictures.shape
    shown, rows, gap = shown or columns, -(-count // columns), max(1, tall // 14)
    whole = np.ones((rows * (tall + gap) - gap, shown * (wide + gap) - gap, channels), np.float32)
    for number, picture in enumerate(ranged(pictures)):
        row, column = divmod(number, columns)
        if column < shown:
            top, side = row * (tall + gap), column * (wide + gap)
            whole[top : top + tall, side : side + wide] = picture
    return whole[..., 0] if channels == 1 else whole
