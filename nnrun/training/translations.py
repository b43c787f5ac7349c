"""What a recipe's networks make of the same few rows, epoch by epoch: how they learn to translate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnrun.model import framework
from nnrun.storage import arrays
from nnrun.training.job import Job
from nnrun.training.material import Material
from nnrun.training.pipeline import take
from nnrun.training.recipes import recipe

FILE = "translations.npz"
ROWS = 6  # of each input
OF, TO = "of_", "to_"  # what was translated, and what was made of it

Array = np.ndarray[Any, Any]


def watching(job: Job, material: Material) -> Any:
    """A Keras callback that keeps translations each few epochs and at the end, in `translations.npz`."""
    assert job.config.recipe is not None
    pairs = recipe(job.config.recipe).translates
    wanted = int(job.config.recipe.arguments.get("sheets", 10))
    epochs = framework.at_most_epochs(job.config.fit.epochs)
    every = max(1, -(-epochs // wanted)) if wanted else epochs
    shown = _shown(job, material)

    class Translations(framework.keras().callbacks.Callback):  # type: ignore[misc]  # Keras has no types
        def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            if (epoch + 1) % every and epoch + 1 != epochs:
                return
            if framework.backend() == "jax":
                self.model.jax_state_sync()  # in the middle of a fit the values are in the loop's hands
            made = {other: _made(self.model, name, shown[one]) for name, (one, other) in pairs.items()}
            kept = {
                "epochs": np.asarray([epoch + 1], np.int32),
                **{TO + name: rows[None] for name, rows in made.items()},
            }
            before = _before(job, epoch)
            kept = {name: np.concatenate([before[name], rows]) if before else rows for name, rows in kept.items()}
            job.recorder.arrays(FILE, {**kept, **{OF + name: rows for name, rows in shown.items()}})

    return Translations()


def _shown(job: Job, material: Material) -> dict[str, Array]:
    """A few rows of each input: held-out ones where there are any."""
    parts = (job.split.test, job.split.validation, job.split.train)
    rows = next(part for part in parts if len(part))[:ROWS]
    return {name: np.asarray(array).astype(np.float16) for name, array in take(material.inputs, rows).items()}


def _made(model: Any, name: str, rows: Array) -> Array:
    made = model.networks[name](rows.astype(np.float32), training=False)
    return np.asarray(framework.keras().ops.convert_to_numpy(made)).astype(np.float16)


def _before(job: Job, epoch: int) -> dict[str, Array]:
    """What was kept of earlier epochs; what a run that was broken off has made since its snapshot is made again."""
    path = job.recorder.path / FILE
    if not path.is_file():
        return {}
    found = arrays.read(path)
    kept = found["epochs"] <= epoch
    by_epoch = {name: rows for name, rows in found.items() if not name.startswith(OF)}
    return {name: rows[kept] for name, rows in by_epoch.items()} if kept.any() else {}
