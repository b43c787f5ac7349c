"""The weights that a run begins with, where they are those of another run."""

from __future__ import annotations

import json
import warnings
from itertools import zip_longest
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np

from nnrun.errors import RunError
from nnrun.model.readable import of_layers_alone
from nnrun.runs.run import Run, place
from nnrun.storage import snapshots
from nnrun.training import variables

MODEL = "model.keras"
INPUT = "InputLayer"
OPERATIONS = ("keras.ops.", "keras.src.ops.")  # modules of functions, which have no weights and are no layers here

Array = np.ndarray[Any, Any]


def take_weights(model: Any, path: Path) -> None:
    """Gives a model the weights that a run ended with, else those of its newest snapshot.

    Raises RunError where they do not fit.
    """
    if hasattr(model, "networks"):
        raise RunError("networks of a recipe that begin with the weights of another run are not of this version yet")
    if (path / MODEL).is_file():
        optimizer = getattr(model, "optimizer", None)  # a model that only predicts is not compiled
        model.optimizer = None  # else Keras takes the state of the other's too
        try:
            with warnings.catch_warnings(), of_layers_alone(model):
                warnings.simplefilter("error", UserWarning)  # Keras warns of layers that it leaves as they are
                found = _other_layers(model, path / MODEL)
                if found is None:
                    model.load_weights(path / MODEL)  # by the kinds of its layers and their order, not their names
        except Exception as error:  # whatever the file of another makes Keras and HDF5 raise
            raise _refused(path, " ".join(str(error).split())[:300]) from None
        finally:
            model.optimizer = optimizer
        if found is not None:
            raise _refused(path, found)
        return
    snapshot = snapshots.newest(path / "snapshots")
    if snapshot is None:
        folds = Run(path).children
        hint = f"each of its folds has: --init-from {place(folds[0].path)}" if folds else ""
        raise RunError(f"{place(path)} has no weights: neither {MODEL} nor a snapshot", hint=hint)
    variables.set_values(model, variables.values(model) | _fitting(model, path, snapshot.arrays("variables")))


def _other_layers(model: Any, path: Path) -> str | None:
    """Where the layers of a saved model have other names; nothing of the file is made or run."""
    with ZipFile(path) as archive:
        told = json.loads(archive.read("config.json"))["config"]["layers"]
    layers = [layer for layer in told if not str(layer.get("module", "")).startswith(OPERATIONS)]
    there = [layer["config"]["name"] for layer in layers if layer["class_name"] != INPUT]
    here = [layer.name for layer in model.layers if type(layer).__name__ != INPUT]
    pairs = zip_longest(here, there, fillvalue="nothing")
    return next((f"{own} is here, {other} there" for own, other in pairs if own != other), None)


def _fitting(model: Any, path: Path, stored: dict[str, Array]) -> dict[str, Array]:
    """The stored values under the names of this model's variables, its layers' and shapes' being the same."""
    here = sorted(variables.values(model))[: len(model.variables)]
    there = sorted(stored)[: len(here)]
    if len(there) < len(here):
        raise _refused(path, f"{len(here)} variables are here, {len(there)} there")
    for own, other, variable in zip(here, there, model.variables, strict=True):
        shape, found = tuple(variable.shape), stored[other].shape
        if (_layer(own), shape) != (_layer(other), found):
            raise _refused(path, f"{_layer(own)} {shape} is here, {_layer(other)} {found} there")
    return dict(zip(here, (stored[name] for name in there), strict=True))


def _layer(name: str) -> str:
    """`dense` of `0003/dense/kernel`: what follows may be numbered by the process."""
    return name.split("/")[1]


def _refused(path: Path, why: str) -> RunError:
    return RunError(f"the weights of {place(path)} do not fit: {why}", expected="a run of a model with the same layers")
