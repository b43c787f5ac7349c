"""`Model.fit` on the rows of one training, with the callbacks of the config and our one watcher."""

from __future__ import annotations

from typing import Any

from nnrun.config.spec import Spec
from nnrun.errors import NnrunError
from nnrun.model import build, framework
from nnrun.training.callbacks import kept_epoch, needs_every_batch, watcher
from nnrun.training.epochs import Loop
from nnrun.training.job import Job
from nnrun.training.material import Material
from nnrun.training.monitors import monitor
from nnrun.training.network import Network
from nnrun.training.pipeline import Batches
from nnrun.training.steps import Steps
from nnrun.training.weights import class_weights


def fit(job: Job, material: Material, network: Network) -> int | None:
    """Trains in place and gives the epoch whose weights were restored, if any; the history is in the recorder."""
    section, model = job.config.fit, network.model
    callbacks = [build.make(spec, {}) for spec in _callbacks(job)]
    length = job.config.runtime.steps_per_execution
    smoke = framework.is_smoke()  # a rehearsal begins at the first epoch and validates each
    if needs_every_batch(callbacks) or smoke:
        length = 1

    rows = job.split.train
    weights = class_weights(job.config, material.answers, material.y(rows))
    if weights is not None:
        job.recorder.tell(class_weight=dict(weights.table))
    batches = Batches(
        material.x(rows),
        _targets(material, network, rows),
        None if weights is None else weights.rows,
        batch_size=section.batch_size,
        seed=job.config.seed,
        shuffle=section.shuffle,
        most=section.others.get("steps_per_epoch"),
    )
    steps = Steps(job, batches)
    training = Loop(model, batches, training=True, watch=steps, length=length)
    validation = _validation(job, material, network)

    epochs = framework.at_most_epochs(section.epochs)
    job.recorder.plan_steps(batches.steps * epochs)
    job.progress.begin(job.recorder.path.name, epochs, batches.steps)
    try:
        framework.make_variables(model, batches.tensors)
        model.train_function, model.test_function = training, validation
        model.fit(
            training.dataset,
            epochs=epochs,
            validation_data=None if validation is None else validation.dataset,
            callbacks=[*callbacks, watcher(job, steps, training, validates=validation is not None)],
            shuffle=False,  # the order is ours, see pipeline.order
            verbose=0,
            **{
                key: section.others[key]
                for key in ("initial_epoch", "validation_freq")
                if key in section.others and not smoke
            },
        )
    except NnrunError:
        raise
    except Exception as error:  # a shape or a dtype that only the first batch brings to light
        if type(error).__module__.startswith(("keras", "tensorflow")) or isinstance(error, ValueError | TypeError):
            where = job.config.document.key(("fit",))
            raise build.refused(Spec("the training", {}, where), error) from error
        raise
    finally:
        model.train_function = model.test_function = None
    return kept_epoch(callbacks)


def _validation(job: Job, material: Material, network: Network) -> Loop | None:
    """The rows whose loss is recorded each epoch: the validation part, else the rows that are only watched."""
    rows = job.split.validation
    if not len(rows) and job.watch is not None:
        rows = job.watch
    if not len(rows):
        return None
    section = job.config.fit
    size = section.others.get("validation_batch_size") or section.batch_size
    most = section.others.get("validation_steps")
    batches = Batches(material.x(rows), _targets(material, network, rows), batch_size=size, most=most)
    return Loop(network.model, batches, training=False, length=1 if framework.is_smoke() else None)


def _targets(material: Material, network: Network, rows: Any) -> Any:
    targets = material.y(rows)
    return targets if len(network.outputs) > 1 else next(iter(targets.values()))


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
