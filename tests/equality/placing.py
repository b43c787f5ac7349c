"""Where JAX's arrays lie while nnrun trains on eight parts of a CPU; printed as JSON by a process of its own.

`python placing.py FOLDER` trains in FOLDER. What is looked at is what the programs are given and give back.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

import nnrun
from nnrun.errors import NnrunError
from nnrun.model import distribution
from nnrun.training import network

CONFIG = """\
data:
  source: {synthetic: {make: classification, rows: 148, features: 6, classes: 3}}
  split: {validation: 16, test: 4}
model: {layers: [{Dense: {units: 8, activation: tanh}}, {Dropout: 0.2}]}
compile: {optimizer: {Adam: {learning_rate: 0.01, use_ema: true}}}
fit: {epochs: 3, batch_size: 64, callbacks: [ReduceLROnPlateau]}
report: {figures: []}
"""
PARTED = {"mesh": {"batch": 2, "model": 4}, "layout": {"dense/kernel": [None, "model"], "dense/bias": ["model"]}}
WRONG = {"mesh": PARTED["mesh"], "layout": {"kernel": [None, "model"], ".*/kernel": [None, "model"]}}


class _Compiled(logging.Handler):
    """Counts how often XLA has compiled a program of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Keras' own functions and single operations are compiled too."""
        self.count += record.getMessage().startswith("Finished XLA compilation of jit(_program)")


def trained(name: str, **runtime: Any) -> dict[str, Any]:
    """The shape of a device's share of each variable behind the training, and of a batch in its program.

    `compiled` says how often XLA compiled a program of ours: anew where a state came back lying otherwise.
    """
    jax: Any = import_module("jax")
    models: list[Any] = []
    batches: list[Any] = []
    build, part = network._network, distribution.parted

    def building(*given: Any) -> Any:
        models.append((found := build(*given)).model)
        return found

    def parting(batch: Any) -> Any:
        found = part(batch)
        shape = jax.tree.leaves(found)[0].shape
        jax.debug.inspect_array_sharding(
            jax.tree.leaves(found)[0], callback=lambda lies: batches.append([shape, lies.shard_shape(shape)])
        )
        return found

    heard = _Compiled()
    logging.getLogger("jax").addHandler(heard)
    path = Path(f"{name}.yaml")
    path.write_text(CONFIG + f"runtime: {json.dumps({'backend': 'jax', 'device': 'cpu', **runtime})}\n")
    watching = patch.object(network, "_network", building), patch.object(distribution, "parted", parting)
    with watching[0], watching[1], jax.log_compiles():
        nnrun.train(path, runs="runs")
    logging.getLogger("jax").removeHandler(heard)
    (model,) = models
    lie = {v.path: list(v.value.sharding.shard_shape(v.shape)) for v in (*model.variables, *model.optimizer.variables)}
    shares = sorted({(tuple(shape), tuple(share)) for shape, share in batches})
    return {"variables": lie, "batches": shares, "compiled": heard.count}


def refused(**runtime: Any) -> str:
    """What is said in place of a training."""
    try:
        trained("refused", **runtime)
    except NnrunError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    os.chdir(sys.argv[1])
    told = {
        "data": trained("data", strategy="data_parallel", devices=8),
        "model": trained("model", strategy="model_parallel", devices=8, **PARTED),
        "layout": refused(strategy="model_parallel", devices=8, **WRONG),
        "late": refused(strategy="data_parallel", devices=16),
    }
    print(json.dumps(told))
