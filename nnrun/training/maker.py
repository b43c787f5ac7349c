"""What makes rows of random numbers: a recipe's network, with what it needs to know of the data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from nnrun.config.config import Config
from nnrun.data.preparation import Preparation
from nnrun.data.undoing import undone
from nnrun.errors import SettingError
from nnrun.model import framework
from nnrun.storage import arrays
from nnrun.training.job import Job
from nnrun.training.material import Material
from nnrun.training.network import Network
from nnrun.training.recipes import LABEL, LATENT, Making, Rows, recipe

FILE = "samples.npz"
LIMITS = ("least", "most")  # their names in the file
BATCH = 256

Array = np.ndarray[Any, Any]


class Called:
    """A Keras model as a compiled function of arrays by name; a rehearsal calls it once, and keeps to that answer."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self._answer: Array | None = None
        self.takes = tuple(tensor.name for tensor in model.inputs)  # a chain is Sequential, which has no `input`
        if framework.backend() == "jax":
            self._run = framework.jax().jit(
                lambda own, others, x: model.stateless_call(own, others, x, training=False)[0]
            )
        else:
            self._run = framework.tensorflow().function(lambda x: model(x, training=False), reduce_retracing=True)

    def __call__(self, given: Mapping[str, Array]) -> Array:
        """What it gives, float32; names that it does not take are passed over."""
        if framework.is_smoke() and self._answer is not None:
            return self._answer
        x: Any = {name: given[name] for name in self.takes}
        x = x if len(x) > 1 else next(iter(x.values()))
        state: tuple[Any, ...] = ()
        if framework.backend() == "jax":
            parts = self.model.trainable_variables, self.model.non_trainable_variables
            state = tuple([variable.value for variable in part] for part in parts)
        found: Array = np.asarray(framework.keras().ops.convert_to_numpy(self._run(*state, x)), np.float32)
        self._answer = found
        return found


@dataclass(frozen=True)
class Maker:
    """Makes rows as a recipe says; `limits` are the least and the largest number of the training rows, by channel."""

    making: Making
    model: Any
    rows: Rows
    preparation: Preparation
    limits: tuple[Array, Array]

    @classmethod
    def of_training(cls, job: Job, material: Material, network: Network) -> Maker:
        """While it learns, or when it has learned."""
        (array,) = (array for name, array in material.inputs.items() if name != LABEL)
        limits = _limits(array, job.split.train)
        return cls(
            _making(job.config), network.files["model.keras"], _rows(material.preparation), material.preparation, limits
        )

    @classmethod
    def of_run(cls, path: Path, config: Config) -> Maker:
        """Of a run that is over."""
        file = path / "preparation" / "preparation.json"
        preparation = Preparation.load(json.loads(file.read_bytes())["inputs"], arrays.read(file.with_suffix(".npz")))
        kept = arrays.read(path / FILE)
        model = framework.keras().saving.load_model(path / "model.keras", compile=False)
        none = np.asarray(np.inf, np.float32)  # a run of an earlier version names no limits
        limits = kept.get(LIMITS[0], -none), kept.get(LIMITS[1], none)
        return cls(_making(config), model, _rows(preparation), preparation, limits)

    def draw(self, count: int, labels: Array | None, seed: Any) -> dict[str, Array]:
        """What so many rows are made of, by name: `labels` are one-hot, where classes are wanted."""
        shape = self.making.latent(self.rows)
        sizes = [size for size in shape or () if size is not None]
        if shape is None or len(sizes) < len(shape):
            raise SettingError("a recipe makes rows of one size, and those of the data have several")
        latent = np.random.default_rng(seed).standard_normal((count, *sizes), np.float32)
        return {LATENT: latent} | ({} if labels is None else {LABEL: labels})

    def make(self, given: Mapping[str, Array], seed: Any) -> Array:
        """Rows (count, ...) in the data's own unit, float32; `seed` is that of draws on the way."""
        generator, count = np.random.default_rng(seed), len(given[LATENT])
        parts = []
        for first in range(0, count, BATCH):
            batch = {name: values[first : first + BATCH] for name, values in given.items()}
            parts.append(self.making.rows(self._called, batch, self.limits, generator))
        return undone(self.preparation, np.concatenate(parts))

    @cached_property
    def _called(self) -> Called:
        return Called(self.model)


def _making(config: Config) -> Making:
    assert config.recipe is not None
    found = recipe(config.recipe).making
    assert found is not None
    return found


def _rows(preparation: Preparation) -> Rows:
    return Rows({name: tuple(told["shape"]) for name, told in preparation.facts.items()})


def _limits(array: Any, rows: Array) -> tuple[Array, Array]:
    """The least and the largest number of some rows, by channel, a piece at a time."""
    found = []
    for first in range(0, len(rows), BATCH):
        piece = array[rows[first : first + BATCH]]
        axes = tuple(range(piece.ndim - 1))
        found.append((piece.min(axis=axes), piece.max(axis=axes)))
    least, most = zip(*found, strict=True)
    return np.min(least, axis=0).astype(np.float32), np.max(most, axis=0).astype(np.float32)
