"""Rows that a recipe's network makes of the same random numbers, epoch by epoch: how it learns to make them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnrun.model import framework
from nnrun.storage import arrays
from nnrun.training.job import Job
from nnrun.training.maker import FILE, LIMITS, Maker
from nnrun.training.material import Material
from nnrun.training.network import Network
from nnrun.training.recipes import LABEL, LATENT

ROWS, COLUMNS = 8, 8  # of a sheet; with classes a row for each of them
MOST_CLASSES = 20  # that a sheet shows

Array = np.ndarray[Any, Any]


def watching(job: Job, material: Material, network: Network) -> Any:
    """A Keras callback that keeps a sheet each few epochs and at the end, in `samples.npz`."""
    maker = Maker.of_training(job, material, network)
    wanted = maker.making.sheets
    epochs = framework.at_most_epochs(job.config.fit.epochs)
    every = max(1, -(-epochs // wanted)) if wanted else epochs
    given, labels = _grid(job.config.seed, material, maker)
    limits = dict(zip(LIMITS, maker.limits, strict=True))

    class Sheets(framework.keras().callbacks.Callback):  # type: ignore[misc]  # Keras has no types
        def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            if (epoch + 1) % every and epoch + 1 != epochs:
                return
            if framework.backend() == "jax":
                self.model.jax_state_sync()  # in the middle of a fit the values are in the loop's hands
            made = maker.make(given, [job.config.seed, 3]).astype(np.float16)
            before = _before(job, epoch)
            sheets = np.concatenate([before["samples"], made[None]]) if before else made[None]
            numbers = np.append(before["epochs"], epoch + 1) if before else np.asarray([epoch + 1])
            job.recorder.arrays(FILE, {"epochs": numbers.astype(np.int32), "samples": sheets, **labels, **limits})

    return Sheets()


def _before(job: Job, epoch: int) -> dict[str, Array]:
    """The sheets of earlier epochs; what a run that was broken off has made since its snapshot is made again."""
    path = job.recorder.path / FILE
    if not path.is_file():
        return {}
    found = arrays.read(path)
    kept = found["epochs"] <= epoch
    return {"epochs": found["epochs"][kept], "samples": found["samples"][kept]} if kept.any() else {}


def _grid(seed: int, material: Material, maker: Maker) -> tuple[dict[str, Array], dict[str, Array]]:
    """What a sheet is made of: with classes each row of it is one, and a column has the same random numbers."""
    smoke = framework.is_smoke()  # a rehearsal makes one row of the sheet
    if material.label is None:
        return maker.draw(COLUMNS if smoke else ROWS * COLUMNS, None, [seed, 1]), {}
    classes = len(material.label.classes)
    shown = np.arange(1 if smoke else min(classes, MOST_CLASSES))
    numbers = np.repeat(shown, COLUMNS)
    latent = maker.draw(COLUMNS, None, [seed, 1])[LATENT]
    repeated = np.tile(latent, (len(shown), *[1] * (latent.ndim - 1)))
    names = np.asarray([material.label.classes[number] for number in shown])
    given = {LATENT: repeated, LABEL: np.eye(classes, dtype=np.float32)[numbers]}
    return given, {"classes": names, "labels": numbers.astype(np.int32)}
