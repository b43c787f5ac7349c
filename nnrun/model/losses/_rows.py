"""What the losses of this folder share: one number for every row, so that weights of rows hold as for Keras' own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nnrun.model import framework

Tensor = Any  # of the backend: a config may ask for TensorFlow or JAX


def loss_of(name: str, rows: Callable[[Tensor, Tensor], Tensor]) -> Any:
    """A Keras loss of `rows(truth, output)`: what it gives for one row is averaged, then the rows are."""

    class OfRows(framework.keras().losses.Loss):  # type: ignore[misc]  # Keras has no types
        def call(self, truth: Tensor, output: Tensor) -> Tensor:
            return by_row(rows(truth, output))

    return OfRows(name=name)


def by_row(values: Tensor) -> Tensor:
    """Values (rows, ...) averaged over everything but the rows."""
    return (
        framework.keras().ops.mean(values, axis=tuple(range(1, len(values.shape)))) if len(values.shape) > 1 else values
    )


def rows_of(loss: Any, truth: Tensor, output: Tensor) -> Tensor:
    """What another loss gives for each row, before it would average them; what it masks does not count."""
    values = loss.call(truth, output)
    mask = framework.mask_of(values)
    return by_row(values if mask is None else counted(values, mask))


def counted(values: Tensor, mask: Tensor) -> Tensor:
    """Values of which only some count, weighed so that the mean of all of them is the mean of those that do."""
    ops = framework.keras().ops
    kept = ops.cast(mask, values.dtype)
    share = ops.mean(kept)
    return ops.where(ops.cast(mask, "bool"), values, 0.0) * ops.divide_no_nan(ops.ones_like(share), share)


def aligned(truth: Tensor, output: Tensor) -> Tensor:
    """The truth with as many axes as the output: one number a row is a column."""
    return framework.keras().ops.expand_dims(truth, -1) if len(truth.shape) == len(output.shape) - 1 else truth


def images(truth: Tensor, output: Tensor, least: int = 1) -> tuple[Tensor, Tensor]:
    """Both as (rows, height, width, channels); ValueError where they are no pictures, or smaller than `least`."""
    ops = framework.keras().ops
    found = [ops.expand_dims(tensor, -1) if len(tensor.shape) == 3 else tensor for tensor in (truth, output)]
    for what, tensor in zip(("the target", "the output"), found, strict=True):
        if len(tensor.shape) != 4:
            shape = list(tensor.shape[1:])
            raise ValueError(f"a loss of images wants a height, a width and channels, and {what} has the shape {shape}")
        if any(size is not None and size < least for size in tensor.shape[1:3]):
            sizes = " x ".join(str(size) for size in tensor.shape[1:3])
            raise ValueError(f"{what} is {sizes}, smaller than the window of {least} x {least}: write a filter_size")
    return found[0], found[1]
