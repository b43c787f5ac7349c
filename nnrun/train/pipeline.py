"""Arrays in memory to batches: each epoch's order is a function of (seed, epoch), batches are gathered by index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnrun.model import framework

Arrays = Mapping[str, np.ndarray[Any, Any]]


def order(seed: int, epoch: int, size: int, shuffle: bool) -> np.ndarray[Any, Any]:
    """The rows of an epoch in the order in which they are trained on."""
    if not shuffle:
        return np.arange(size)
    return np.random.default_rng([seed, epoch]).permutation(size)


class Batches:
    """A `tf.data` source of (inputs, targets[, weights]) over some rows; `rewind(epoch)` sets the order."""

    def __init__(self, inputs: Any, targets: Any, weights: Any, *, batch_size: int, seed: int, shuffle: bool) -> None:
        tf = framework.tensorflow()
        self.size = len(next(iter(inputs.values())) if isinstance(inputs, dict) else inputs)
        self.batch_size, self.seed, self.shuffle = batch_size, seed, shuffle
        self.steps = -(-self.size // batch_size)
        arrays = (inputs, targets) if weights is None else (inputs, targets, weights)
        with tf.device("CPU"):
            tensors = tf.nest.map_structure(tf.convert_to_tensor, arrays)
            self._order = tf.Variable(order(seed, 0, self.size, shuffle), dtype=tf.int64, trainable=False)

        def gather(start: Any) -> Any:
            rows = self._order[start : start + batch_size]
            return tf.nest.map_structure(lambda tensor: tf.gather(tensor, rows), tensors)

        starts = tf.data.Dataset.range(0, self.size, batch_size)
        options = tf.data.Options()
        options.deterministic = True
        self.dataset = starts.map(gather).prefetch(tf.data.AUTOTUNE).with_options(options)

    def rewind(self, epoch: int) -> None:
        """Called before the epoch's first batch is asked for."""
        if self.shuffle:
            self._order.assign(order(self.seed, epoch, self.size, self.shuffle))


def take(arrays: Any, rows: np.ndarray[Any, Any]) -> Any:
    """Some rows of an array, or of each array of a mapping."""
    if isinstance(arrays, Mapping):
        return {name: array[rows] for name, array in arrays.items()}
    return arrays[rows]
