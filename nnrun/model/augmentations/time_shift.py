"""Earlier or later."""

from __future__ import annotations

from typing import Any, Literal

from nnrun.model import framework
from nnrun.model.augmentations._layer import layer


def TimeShift(  # noqa: N802
    factor: float = 0.1, fill_mode: Literal["constant", "nearest", "wrap"] = "constant", seed: int | None = None
) -> Any:
    """Moves a row, a series, a wave or a spectrogram, by some whole steps to earlier or later times.

    A target with the same steps of time moves with it.

    Args:
        factor: The largest share of the time by which it is moved, either way.
        fill_mode: What comes in at the end: zeros (`constant`), the last step (`nearest`), or the other end (`wrap`).
        seed: Of the draws, in place of the run's.
    """

    def change(values: Any, generator: Any) -> Any:
        keras = framework.keras()
        ops = keras.ops
        length, rows = values.shape[1], ops.shape(values)[0]
        most = int(factor * length)
        drawn = ops.floor(keras.random.uniform((rows, 1), -most, most + 1, seed=generator))
        places = ops.reshape(ops.arange(length, dtype="int32"), (1, length)) - ops.cast(drawn, "int32")
        inside = ops.logical_and(places >= 0, places < length)
        found = ops.mod(places, length) if fill_mode == "wrap" else ops.clip(places, 0, length - 1)
        begins = ops.reshape(ops.arange(rows, dtype="int32") * length, (-1, 1))
        steps = ops.reshape(values, (-1, *values.shape[2:]))  # of all rows, one behind another
        moved = ops.reshape(ops.take(steps, begins + found, axis=0), (-1, *values.shape[1:]))
        inside = ops.reshape(inside, (-1, length, *[1] * (len(values.shape) - 2)))
        return ops.where(inside, moved, 0) if fill_mode == "constant" else moved

    return layer(change, seed)
