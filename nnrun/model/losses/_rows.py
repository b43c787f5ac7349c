"""What the losses of this folder share: how numbers of rows, pixels and steps become one, with weights and masks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nnrun.model import distribution, framework

Tensor = Any  # of the backend: a config may ask for TensorFlow or JAX


def loss_of(name: str, values: Callable[[Tensor, Tensor], Tensor]) -> Any:
    """A Keras loss of `values(truth, output)`, which gives a number for every row, or for every pixel or step of it.

    The loss of a row is the mean of its numbers, that of a batch the mean of its rows. Keras' own would not know what
    to do with a weight for each row and a number for each pixel, or the other way round.
    """
    keras = framework.keras()

    class OfRows(keras.losses.Loss):  # type: ignore[misc, name-defined]  # Keras has no types
        def call(self, truth: Tensor, output: Tensor) -> Tensor:
            return values(truth, output)

        def __call__(self, truth: Tensor, output: Tensor, sample_weight: Tensor = None) -> Tensor:
            mask = framework.mask_of(output)
            truth, output = (keras.ops.convert_to_tensor(tensor, dtype=self.dtype) for tensor in (truth, output))
            found = self.call(truth, output)
            if mask is not None:
                found = counted(found, mask)
            if sample_weight is not None:
                found = _weighed(found, keras.ops.convert_to_tensor(sample_weight, dtype=self.dtype))
            return distribution.share(keras.ops.mean(by_row(found)))

    return OfRows(name=name)


def by_row(values: Tensor) -> Tensor:
    """Values (rows, ...) averaged over everything but the rows."""
    axes = tuple(range(1, len(values.shape)))
    return framework.keras().ops.mean(values, axis=axes) if axes else values


def values_of(loss: Any, truth: Tensor, output: Tensor) -> Tensor:
    """What another loss gives before it averages; what it masks does not count."""
    values = loss.call(truth, output)
    mask = framework.mask_of(values)
    return values if mask is None else counted(values, mask)


def counted(values: Tensor, mask: Tensor) -> Tensor:
    """Values of which only some count, weighed so that the mean of all of them is the mean of those that do.

    A mask of steps says of a row whether any of its steps counts, and one of rows is that of all their steps.
    """
    ops = framework.keras().ops
    mask = ops.cast(mask, "bool")
    while len(mask.shape) > len(values.shape):
        mask = ops.any(mask, axis=-1)
    while len(mask.shape) < len(values.shape):
        mask = ops.expand_dims(mask, -1)
    share = ops.mean(ops.cast(mask, values.dtype))
    return ops.where(mask, values, 0.0) * ops.divide_no_nan(ops.ones_like(share), share)


def _weighed(values: Tensor, weights: Tensor) -> Tensor:
    """Each value times its weight; where one of both is for rows alone, each row's mean times the other's."""
    same = len(values.shape) == len(weights.shape)
    return values * weights if same else by_row(values) * by_row(weights)


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
