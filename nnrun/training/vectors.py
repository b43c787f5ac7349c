"""What an `Embedding` has learned: the vectors of the tokens that the training rows hold most often."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnrun.data.features import preparation_module
from nnrun.data.preparation import Preparation
from nnrun.training.job import Job
from nnrun.training.material import Material
from nnrun.training.network import Network
from nnrun.training.pipeline import take

Array = np.ndarray[Any, Any]

TOKENS = 60  # of each layer: more words would lie upon each other in the figure
ROWS = 10_000  # evenly through the training rows, by which tokens are counted
LAYERS = 4  # the first ones


def vectors(job: Job, material: Material, network: Network) -> dict[str, Array]:
    """For `probe.npz`: of each `Embedding` that reads an input `tokens/<layer>` and `vectors/<layer>` (tokens, width).

    The most frequent token is the first. Only inputs whose vocabulary is known have tokens; a fold keeps none.
    """
    found: dict[str, Array] = {}
    for layer in network.model.layers if job.fold is None else ():
        if type(layer).__name__ != "Embedding" or len(found) == 2 * LAYERS:
            continue
        source = layer.input._keras_history.operation.name
        vocabulary = _vocabulary(material.preparation, source)
        if not vocabulary:
            continue
        ids = _frequent(material, source, job.split.train, min(max(vocabulary) + 1, layer.input_dim))
        ids = [number for number in ids if number in vocabulary][:TOKENS]
        if not ids:
            continue
        found[f"tokens/{layer.name}"] = np.asarray([vocabulary[number] for number in ids], dtype=str)
        found[f"vectors/{layer.name}"] = np.asarray(layer.get_weights()[0], np.float32)[ids]
    return found


def _vocabulary(preparation: Preparation, name: str) -> dict[int, str]:
    """The tokens of an input by their numbers; none where it has no vocabulary."""
    for entry, states in zip(preparation.features.get(name, ()), preparation.states.get(name, ()), strict=True):
        first = getattr(preparation_module(entry.steps[-1]), "FIRST", None)
        if first is not None:
            return {first + place: str(token) for place, token in enumerate(states[-1]["vocabulary"])}
    return {}


def _frequent(material: Material, name: str, rows: Array, size: int) -> list[int]:
    """The numbers below `size` that stand in training rows, the frequent ones first."""
    chosen = rows[:: -(-len(rows) // ROWS)]
    values = np.asarray(take({name: material.inputs[name]}, chosen)[name]).ravel()
    counts = np.bincount(values[(values >= 0) & (values < size)].astype(np.int64), minlength=size)
    return [int(number) for number in np.argsort(-counts, kind="stable") if counts[number]]
