"""Steps of time that are blanked out."""

from __future__ import annotations

from typing import Any

from nnrun.model.augmentations._layer import layer
from nnrun.model.augmentations._mask import masked


def TimeMasking(factor: float = 0.1, count: int = 1, fill_value: float = 0.0, seed: int | None = None) -> Any:  # noqa: N802
    """Blanks out some steps of time in a row, of a spectrogram (SpecAugment, Park and others 2019) or any series.

    Rows are (time, frequency), (time, frequency, 1), (time, channels) or a wave (time,).

    Args:
        factor: The largest share of the time that one band takes; its width is drawn, from nothing on.
        count: How many bands.
        fill_value: What stands there; 0 is the mean of rows that are normalized.
        seed: Of the draws, in place of the run's.
    """
    return layer(lambda values, generator: masked(values, 1, factor, count, fill_value, generator), seed)
