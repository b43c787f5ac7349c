"""Louder or softer, larger or smaller."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.augmentations._layer import by_row, layer


def Scaling(factor: float = 0.1, seed: int | None = None) -> Any:  # noqa: N802
    """Multiplies all values of a row, a series or a wave, by one number near 1.

    Args:
        factor: How far from 1 the number may lie: 0.1 is from 0.9 to 1.1.
        seed: Of the draws, in place of the run's.
    """

    def change(values: Any, generator: Any) -> Any:
        keras = framework.keras()
        rows = keras.ops.shape(values)[0]
        return values * by_row(keras.random.uniform((rows,), 1 - factor, 1 + factor, seed=generator), values)

    return layer(change, seed)
