"""Where a training takes its batches from: rows in the memory of the backend, or windows of a stream."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any

import numpy as np

from nnrun.config.config import Config
from nnrun.data.weights import row_weights
from nnrun.errors import DataError
from nnrun.model import distribution
from nnrun.training.job import Job
from nnrun.training.material import Material
from nnrun.training.pipeline import Batches
from nnrun.training.weights import ClassWeights, class_weights
from nnrun.training.windows import Windows


def validation_batch_size(config: Config) -> int:
    """How many rows are evaluated at once."""
    return int(config.fit.others.get("validation_batch_size") or config.fit.batch_size)


def watched(job: Job) -> np.ndarray[Any, Any]:
    """The rows that are evaluated at the end of an epoch: the validation part, else the held-out fold, else none."""
    return job.watch if not len(job.split.validation) and job.watch is not None else job.split.validation


Array = np.ndarray[Any, Any]

# What of `fit` is taken up here.
TAKEN = (
    "batch_size", "shuffle", "class_weight", "sampling", "steps_per_epoch", "validation_batch_size", "validation_steps",
)  # fmt: skip


def _weights(job: Job, material: Material, of_classes: ClassWeights | None) -> Any:
    """What every row counts: by its class, by `data.weight`, or by both; None where all count alike.

    Where the classes are weighed by output, so are the rows: Keras wants a weight for each output then.
    """
    name = job.config.data.weight
    if name is None and of_classes is None:
        return None
    rows = None if name is None else row_weights(job.dataset, name, job.config.document.value(("data", "weight")))
    classes = None if of_classes is None else of_classes.rows
    if isinstance(classes, Mapping):
        return {output: _product(job, classes.get(output), rows) for output in (*material.outputs, *material.losses)}
    return _product(job, classes, rows)


def _product(job: Job, of_classes: Array | None, of_rows: Array | None) -> Array:
    """The weights of all rows, of one output; rows that are not trained on have none."""
    places = of_classes.shape[1:] if of_classes is not None else ()
    weights = np.zeros((job.dataset.size, *places), np.float32)
    weights[job.split.train] = 1 if of_classes is None else of_classes
    if of_rows is not None:
        weights *= of_rows.reshape(-1, *(1 for _ in places))
    return weights


def require_batches(job: Job) -> None:
    """Raises DataError where a short last batch is not wanted and there is one, or where no whole batch is left."""
    size, rows, remainder = job.config.fit.batch_size, len(job.rows), job.plan.remainder
    where = job.config.document.value(("fit", "batch_size"))
    if remainder == "drop" and rows < size:
        what = f"no whole batch: {rows:,} training rows for a batch of {size}, and a short one is left out"
        raise DataError(what, where=where, hint=f"a batch_size of at most {rows - rows % job.plan.replicas}")
    if remainder == "error" and rows % size and job.steps_per_epoch > rows // size:
        what = f"the last batch of an epoch has {rows % size} of {size} rows: there are {rows:,} training rows"
        raise DataError(what, where=where, hint="`runtime: {remainder: pad}`, or `drop`, or another batch_size")


class Feeds:
    """The batches of the training rows, and of the rows whose loss is recorded each epoch (None: there are none)."""

    def __init__(self, job: Job, material: Material) -> None:
        section = job.config.fit
        arrays: tuple[Any, ...] = material.whole.batch(None)
        weights = class_weights(job.config, material.answers, material.y(job.split.train))
        if weights is not None:
            job.recorder.tell(class_weight=dict(weights.table))
        weighted = _weights(job, material, weights)
        if weighted is not None:
            arrays = (*arrays, weighted)
        held_out = arrays[:2] if material.uncut is None else material.batch(None)
        if not material.streams:
            arrays = distribution.tensors(arrays)
            held_out = arrays[:2] if material.uncut is None else distribution.tensors(held_out)

        def feed(arrays: Any, rows: Any, **how: Any) -> Batches | Windows:
            if material.streams:
                return Windows(arrays, rows, to_tensors=distribution.tensors, **how)
            return Batches(arrays, rows, job.dataset.size, **how)

        self.training = feed(
            arrays,
            job.rows,
            batch_size=section.batch_size,
            seed=job.config.seed,
            shuffle=section.shuffle,
            most=section.others.get("steps_per_epoch"),
            whole=job.whole,
        )
        rows = watched(job)
        self.validation: Batches | Windows | None = None
        if len(rows):
            size, most = validation_batch_size(job.config), section.others.get("validation_steps")
            self.validation = feed(held_out, rows, batch_size=size, most=most)

    def __enter__(self) -> Feeds:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for feed in (self.training, self.validation):
            if feed is not None:
                feed.close()
