"""Arrays in memory, and the order in which an epoch goes through them: a function of (seed, epoch), nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnrun.model import framework

Array = np.ndarray[Any, Any]


def order(seed: int, epoch: int, size: int, shuffle: bool) -> Array:
    """The rows of an epoch in the order in which they are trained on."""
    if not shuffle:
        return np.arange(size)
    return np.random.default_rng([seed, epoch]).permutation(size)


class Batches:
    """Inputs, targets and, where given, row weights as tensors, to be gathered by index; the last batch may be short.

    `most` limits the steps of an epoch (`steps_per_epoch`, `validation_steps`).
    """

    def __init__(
        self,
        inputs: Any,
        targets: Any,
        weights: Array | None = None,
        *,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = False,
        most: int | None = None,
    ) -> None:
        tf = framework.tensorflow()
        arrays = (inputs, targets) if weights is None else (inputs, targets, weights)
        self.tensors = tf.nest.map_structure(tf.convert_to_tensor, arrays)
        self.size = len(next(iter(inputs.values())) if isinstance(inputs, Mapping) else inputs)
        self.batch_size, self.seed, self.shuffle = batch_size, seed, shuffle
        self.steps = min(-(-self.size // batch_size), most or self.size)

    def order(self, epoch: int) -> Array:
        """The rows of this epoch, in order."""
        return order(self.seed, epoch, self.size, self.shuffle)

    def rows_after(self, steps: Array) -> Array:
        """How many rows an epoch has seen after so many steps."""
        return np.asarray(np.minimum(steps * self.batch_size, self.size))


def take(arrays: Any, rows: Array) -> Any:
    """Some rows of an array, or of each array of a mapping."""
    if isinstance(arrays, Mapping):
        return {name: array[rows] for name, array in arrays.items()}
    return arrays[rows]
