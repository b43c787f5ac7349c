"""What the model answers to some rows: all at once where they are in memory, a window after the other of a stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from nnrun.config.config import Config
from nnrun.model import framework
from nnrun.model.masks import masker
from nnrun.training.feeds import validation_batch_size
from nnrun.training.material import Material
from nnrun.training.network import Network
from nnrun.training.pipeline import take
from nnrun.training.windows import Windows

Array = np.ndarray[Any, Any]

BATCH = 256  # rows that are predicted at once
AT_ONCE = 2**23  # bytes of a stream that Keras is given at once: it makes copies of them


def at_once(config: Config) -> int:
    """How many rows are predicted at once to be scored: a loss of the graph may compare them with each other."""
    return validation_batch_size(config) if config.model.losses else BATCH


def predict(network: Network, material: Material, x: Any, size: int, batch_size: int = BATCH) -> dict[str, Array]:
    """The outputs by name of inputs that `material.x` gave for so many rows; a rehearsal predicts two batches only."""
    return _of_stream(network, x, size, batch_size) if material.streams else _of_arrays(network, x, batch_size)


def masks(network: Network, material: Material, rows: Array) -> dict[str, Array]:
    """Keras' masks of the outputs of some rows, by name: the steps that do not count are False."""
    model = masker(network.model, network.outputs)
    if model is None:
        return {}
    found = predict(replace(network, model=model), material, material.x(rows), len(rows))
    return {name: values.astype(bool) for name, values in found.items()}


def _of_stream(network: Network, x: Any, size: int, batch_size: int) -> dict[str, Array]:
    how: dict[str, Any] = {"batch_size": batch_size, "window_bytes": AT_ONCE, "to_tensors": lambda arrays: arrays}
    windows = Windows((x,), np.arange(size), **how)
    found = []
    try:
        for first in range(0, windows.steps, windows.most_steps):
            window = windows.window(first, min(windows.most_steps, windows.steps - first))
            rows = window.order[window.first * batch_size : window.last * batch_size]
            found.append(_of_arrays(network, take(window.tensors[0], rows), batch_size))
            if framework.is_smoke():
                break
    finally:
        windows.close()
    return {name: np.concatenate([part[name] for part in found]) for name in found[0]}


def _of_arrays(network: Network, x: Any, batch_size: int) -> dict[str, Array]:
    keras = framework.keras()
    replicas, size = network.plan.replicas, len(keras.tree.flatten(x)[0])
    if replicas > 1:  # Keras parts a batch evenly: its last row stands for those that are missing, and is cut off again
        batch_size = -(-batch_size // replicas) * replicas
        missing = -size % batch_size
        x = keras.tree.map_structure(lambda array: np.concatenate([array, array[-1:].repeat(missing, 0)]), x)
    raw = network.model.predict(x, batch_size=batch_size, verbose=0)
    if replicas > 1:
        raw = keras.tree.map_structure(lambda values: values[:size], raw)
    if isinstance(raw, Mapping):
        return {name: np.asarray(values) for name, values in raw.items()}
    return {network.outputs[0]: np.asarray(raw)}
