"""`Model.fit` on the rows of one training, with the callbacks of the config and our one watcher."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnrun.config.spec import Spec
from nnrun.errors import NnrunError
from nnrun.model import build
from nnrun.train.callbacks import watcher
from nnrun.train.job import Job
from nnrun.train.material import Material
from nnrun.train.monitors import monitor
from nnrun.train.network import Network
from nnrun.train.pipeline import Batches
from nnrun.train.weights import class_weights


def fit(job: Job, material: Material, network: Network) -> None:
    """Trains in place; the history is in the job's recorder."""
    config, fit_section = job.config, job.config.fit
    rows = job.split.train
    weights = class_weights(config, material.answers, material.y(rows))
    batches = Batches(
        material.x(rows),
        _targets(material, network, rows),
        weights,
        batch_size=fit_section.batch_size,
        seed=config.seed,
        shuffle=fit_section.shuffle,
    )
    others = dict(fit_section.others)
    validation = _validation(job, material, network, others.pop("validation_batch_size", None))
    steps = others.get("steps_per_epoch") or batches.steps
    job.recorder.plan_steps(steps * fit_section.epochs)
    job.progress.begin(job.recorder.path.name, fit_section.epochs, steps)
    callbacks = [build.make(spec, {}) for spec in _callbacks(job)]
    callbacks.append(watcher(job.recorder, job.progress, job.stop, batches))
    try:
        network.model.fit(
            batches.dataset.repeat() if "steps_per_epoch" in others else batches.dataset,
            epochs=fit_section.epochs,
            validation_data=validation,
            callbacks=callbacks,
            shuffle=False,  # the order is ours, see pipeline.order
            verbose=0,
            **others,
        )
    except NnrunError:
        raise
    except Exception as error:  # a shape or a dtype that only the first batch brings to light
        if type(error).__module__.startswith(("keras", "tensorflow")) or isinstance(error, ValueError | TypeError):
            raise build.refused(Spec("the training", {}, config.document.key(("fit",))), error) from error
        raise


def _targets(material: Material, network: Network, rows: Any) -> Any:
    targets = material.y(rows)
    return targets if len(network.outputs) > 1 else next(iter(targets.values()))


def _validation(job: Job, material: Material, network: Network, batch_size: int | None) -> Any:
    rows = job.split.validation
    if not len(rows):
        rows = job.watch if job.watch is not None else np.array([], dtype=np.int64)
    if not len(rows):
        return None
    size = batch_size or job.config.fit.batch_size
    targets = _targets(material, network, rows)
    return Batches(material.x(rows), targets, None, batch_size=size, seed=0, shuffle=False).dataset


def _callbacks(job: Job) -> list[Spec]:
    """The written callbacks; `keep: best` is Keras' own EarlyStopping with endless patience."""
    config = job.config
    specs = list(config.fit.callbacks)
    if config.fit.keep == "best":
        watched = monitor(config, has_validation=len(job.split.validation) > 0)
        arguments = {
            "monitor": watched["name"],
            "mode": watched["mode"],
            "patience": config.fit.epochs,
            "restore_best_weights": True,
        }
        specs.append(Spec("EarlyStopping", arguments, slot="callbacks"))
    return specs
