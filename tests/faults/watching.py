"""A training that diverges, watched: what it was made of, every snapshot, and what Keras does over the same batches.

`python tests/faults/watching.py jax` prints the complaints of JAX, since a process has one backend.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import diverging
import numpy as np
from diverging import Diverging

from nnrun import experiment
from nnrun.config import Config
from nnrun.data.dataset import row_names
from nnrun.errors import DivergedError
from nnrun.experiment import Options
from nnrun.model import framework
from nnrun.runs.run import Run
from nnrun.storage import snapshots
from nnrun.training import trainer, variables
from nnrun.training.network import Network, Networks
from nnrun.training.pipeline import order
from nnrun.training.recorder import Recorder
from nnrun.training.state import finite

seen: dict[str, Any] = {}  # the network and the data of the last training, and every snapshot that it took


class Watched(Networks):
    """Networks that can be looked at afterwards."""

    def network(self, *given: Any, **named: Any) -> Network:
        seen.update(network=super().network(*given, **named), material=given[1])
        found: Network = seen["network"]
        return found


@contextmanager
def watching() -> Iterator[None]:
    """Every training in this block is seen."""
    write = Recorder.snapshot

    def snapshot(self: Recorder, about: Mapping[str, Any], arrays: Mapping[str, Any], data: Mapping[str, Any]) -> None:
        seen["snapshots"].append((about["epoch"], about["step"], arrays["variables"]))
        write(self, about, arrays, data)

    with mock.patch.object(trainer, "Networks", Watched), mock.patch.object(Recorder, "snapshot", snapshot):
        yield


def complaints(chosen: Sequence[Diverging], folder: Path) -> list[str]:
    """All that is wrong with some configs."""
    diverging.write_data(folder)
    with watching():
        return [f"{one.name}: {found}" for one in chosen if (found := complaint(one, folder))]


def train(config: Config, folder: Path) -> Run:
    """As the command does it."""
    seen.update(snapshots=[])
    return experiment.train(config, Options(runs=folder / "runs"))


def complaint(one: Diverging, folder: Path) -> str:
    """What is wrong with how a config diverges; nothing where all is well."""
    config = experiment.load(one.write(folder))
    run = Run(folder / "runs" / config.name)
    try:
        train(config, folder)
        return "was complete"
    except DivergedError as error:
        told = str(error)
    if run.status != "diverged" or DivergedError.exit_code != 5:
        return f"status {run.status}"
    where = plain(config, run.path)
    if f"in {where}" not in told:
        return f"{told.splitlines()[0]}, and Keras loses it in {where}"
    lost = [(epoch, step) for epoch, step, values in seen["snapshots"] if not finite(values)]
    newest = snapshots.newest(run.path / "snapshots")
    if lost or (newest is None) != (not seen["snapshots"]):
        return f"snapshots that are not finite: {lost}"
    return wrong_model(config, run.path)


def plain(config: Config, run: Path) -> str:
    """The batch at which the loss is no number in a loop by hand, over the same batches from the same weights."""
    network, material = seen["network"], seen["material"]
    model = network.model
    variables.set_values(model, network.initial)
    model.run_eagerly = True  # a few steps only
    with np.load(run / "splits.npz") as parts:
        rows = parts["train"]
    for epoch in range(config.fit.epochs):
        ordered = rows[order(config.seed, epoch, len(rows), config.fit.shuffle)]
        for batch, first in enumerate(range(0, len(rows), config.fit.batch_size)):
            taken = ordered[first : first + config.fit.batch_size]
            if not np.isfinite(model.train_on_batch(*material.batch(taken), return_dict=True)["loss"]):
                return f"epoch {epoch + 1}, batch {batch + 1} ({row_names(taken, None)})"
    return "no batch"


def wrong_model(config: Config, run: Path) -> str:
    """Whether model.keras holds the best weights, else those of the newest snapshot; nothing where that is so."""
    ends = {epoch: values for epoch, step, values in seen["snapshots"] if step == 0}
    rows = history(run)
    if not seen["snapshots"]:
        return "a model without a state" if (run / "model.keras").exists() else ""
    expected = seen["snapshots"][-1][2]
    if config.fit.keep == "best" and rows:
        name = "val_loss" if "val_loss" in rows[0] else "loss"
        losses = [float(row[name]) for row in rows]
        best = int(np.nanargmin(losses)) + 1
        expected = ends.get(best, expected)  # lost with the epoch's last step: no snapshot holds that epoch
    found = framework.keras().models.load_model(run / "model.keras").get_weights()
    wanted = [expected[name] for name in sorted(expected) if "seed_generator" not in name][: len(found)]
    same = all(np.array_equal(value, other) for value, other in zip(found, wanted, strict=True))
    return "" if same and all(np.isfinite(value).all() for value in found) else "model.keras holds other weights"


def history(run: Path) -> list[dict[str, str]]:
    """The rows of history.csv; none where no epoch was done."""
    if not (run / "history.csv").exists():
        return []
    with (run / "history.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


if __name__ == "__main__":
    framework.use(sys.argv[1])
    every = [replace(one, runtime=f"{one.runtime}, backend: {sys.argv[1]}") for one in diverging.EVERY]
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(complaints(every, Path(place))))
