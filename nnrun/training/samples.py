"""Rows that a recipe's network makes of the same random numbers, epoch by epoch: how it learns to make them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnrun.config.config import Config
from nnrun.model import framework
from nnrun.storage import arrays
from nnrun.training.job import Job
from nnrun.training.material import Material
from nnrun.training.network import Network

FILE = "samples.npz"
LATENT, LABEL = "latent", "label"
ROWS, COLUMNS = 8, 8  # of a sheet; with classes a row for each of them
MOST_CLASSES = 20  # that a sheet shows
BATCH = 256

Array = np.ndarray[Any, Any]


def draw(config: Config, count: int, labels: Array | None, seed: Any) -> dict[str, Array]:
    """What the network is called on to make so many rows, by name: `labels` are one-hot, where it wants any."""
    assert config.recipe is not None
    dim = int(config.recipe.arguments["latent_dim"])
    given = {LATENT: np.random.default_rng(seed).standard_normal((count, dim), np.float32)}
    return given if labels is None else given | {LABEL: labels}


def make(model: Any, given: Mapping[str, Array]) -> Array:
    """The rows (count, ...) that the network gives, float32."""
    names = list(model.input) if isinstance(model.input, dict) else [model.input.name]
    taken = {name: given[name] for name in names}
    count = len(next(iter(taken.values())))
    parts = []
    for first in range(0, count, BATCH):
        batch = {name: values[first : first + BATCH] for name, values in taken.items()}
        made = model(batch if len(batch) > 1 else next(iter(batch.values())), training=False)
        parts.append(np.asarray(framework.keras().ops.convert_to_numpy(made), np.float32))
    return np.concatenate(parts)


def watching(job: Job, material: Material, network: Network) -> Any:
    """A Keras callback that keeps a sheet each few epochs and at the end, in `samples.npz`."""
    assert job.config.recipe is not None
    wanted = int(job.config.recipe.arguments.get("sheets", 10))
    epochs = framework.at_most_epochs(job.config.fit.epochs)
    every = max(1, -(-epochs // wanted)) if wanted else epochs
    given, labels = _grid(job.config, material)

    class Sheets(framework.keras().callbacks.Callback):  # type: ignore[misc]  # Keras has no types
        def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            if (epoch + 1) % every and epoch + 1 != epochs:
                return
            if framework.backend() == "jax":
                self.model.jax_state_sync()  # in the middle of a fit the values are in the loop's hands
            made = make(network.files["model.keras"], given).astype(np.float16)
            before = _before(job, epoch)
            sheets = np.concatenate([before["samples"], made[None]]) if before else made[None]
            numbers = np.append(before["epochs"], epoch + 1) if before else np.asarray([epoch + 1])
            job.recorder.arrays(FILE, {"epochs": numbers.astype(np.int32), "samples": sheets, **labels})

    return Sheets()


def _before(job: Job, epoch: int) -> dict[str, Array]:
    """The sheets of earlier epochs; what a run that was broken off has made since its snapshot is made again."""
    path = job.recorder.path / FILE
    if not path.is_file():
        return {}
    found = arrays.read(path)
    kept = found["epochs"] <= epoch
    return {"epochs": found["epochs"][kept], "samples": found["samples"][kept]} if kept.any() else {}


def _grid(config: Config, material: Material) -> tuple[dict[str, Array], dict[str, Array]]:
    """What a sheet is made of: with classes each row of it is one, and a column has the same random numbers."""
    seed = [config.seed, 1]
    if material.label is None:
        return draw(config, ROWS * COLUMNS, None, seed), {}
    classes = len(material.label.classes)
    shown = np.arange(min(classes, MOST_CLASSES))
    numbers = np.repeat(shown, COLUMNS)
    given = draw(config, COLUMNS, None, seed)
    told = {LATENT: np.tile(given[LATENT], (len(shown), 1)), LABEL: np.eye(classes, dtype=np.float32)[numbers]}
    names = np.asarray([material.label.classes[number] for number in shown])
    return told, {"classes": names, "labels": numbers.astype(np.int32)}
