"""Where a training takes its batches from: rows in the memory of the backend, or windows of a stream."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import numpy as np

from nnrun.config.config import Config
from nnrun.data.weights import row_weights
from nnrun.model import framework
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


# What of `fit` is taken up here.
TAKEN = ("batch_size", "shuffle", "class_weight", "steps_per_epoch", "validation_batch_size", "validation_steps")


def _weights(job: Job, of_classes: ClassWeights | None) -> np.ndarray[Any, Any] | None:
    """What every row counts: by its class, by `data.weight`, or by both; None where all count alike."""
    name, train = job.config.data.weight, job.split.train
    if name is None and of_classes is None:
        return None
    places = of_classes.rows.shape[1:] if of_classes is not None else ()
    weights = np.zeros((job.dataset.size, *places), np.float32)
    weights[train] = 1 if of_classes is None else of_classes.rows
    if name is None:
        return weights
    rows = row_weights(job.dataset, name, job.config.document.value(("data", "weight")))
    weights *= rows.reshape(-1, *(1 for _ in places))
    return weights


class Feeds:
    """The batches of the training rows, and of the rows whose loss is recorded each epoch (None: there are none)."""

    def __init__(self, job: Job, material: Material) -> None:
        section = job.config.fit
        arrays: tuple[Any, ...] = material.batch(None)
        weights = class_weights(job.config, material.answers, material.y(job.split.train))
        if weights is not None:
            job.recorder.tell(class_weight=dict(weights.table))
        weighted = _weights(job, weights)
        if weighted is not None:
            arrays = (*arrays, weighted)
        if not material.streams:
            arrays = framework.tensors(arrays)

        def feed(arrays: Any, rows: Any, **how: Any) -> Batches | Windows:
            if material.streams:
                return Windows(arrays, rows, to_tensors=framework.tensors, **how)
            return Batches(arrays, rows, job.dataset.size, **how)

        self.training = feed(
            arrays,
            job.split.train,
            batch_size=section.batch_size,
            seed=job.config.seed,
            shuffle=section.shuffle,
            most=section.others.get("steps_per_epoch"),
        )
        rows = watched(job)
        self.validation: Batches | Windows | None = None
        if len(rows):
            size, most = validation_batch_size(job.config), section.others.get("validation_steps")
            self.validation = feed(arrays[:2], rows, batch_size=size, most=most)

    def __enter__(self) -> Feeds:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for feed in (self.training, self.validation):
            if feed is not None:
                feed.close()
