"""Turned by quarters."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.augmentations._layer import by_row, layer


def RandomRotate90(seed: int | None = None) -> Any:  # noqa: N802
    """Turns square pictures by no, one, two or three quarters, to the left; no pixel is lost or mixed with others.

    A mask, or a picture among the targets of any square size, is turned with it.

    Args:
        seed: Of the draws, in place of the run's.
    """

    def change(values: Any, generator: Any) -> Any:
        keras = framework.keras()
        ops = keras.ops
        quarters = ops.floor(keras.random.uniform((ops.shape(values)[0],), 0, 4, seed=generator))
        axes = (0, 2, 1, *range(3, len(values.shape)))
        ways = {
            1: ops.flip(ops.transpose(values, axes), 1),
            2: ops.flip(values, (1, 2)),
            3: ops.transpose(ops.flip(values, 1), axes),
        }
        turned = values
        for count, way in ways.items():
            turned = ops.where(by_row(quarters == count, values), way, turned)
        return turned

    return layer(change, seed)
