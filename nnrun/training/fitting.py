"""`Model.fit` on the rows of one training, with the callbacks of the config and our one watcher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from nnrun.config.config import Config
from nnrun.config.spec import Spec
from nnrun.errors import DivergedError, NnrunError
from nnrun.model import build, framework
from nnrun.storage.snapshots import newest
from nnrun.training import consumed, epoch_end, feeds, samples, translations, variables
from nnrun.training.callbacks import best_of, kept_epoch, needs_every_batch, watcher
from nnrun.training.epochs import Loop
from nnrun.training.feeds import Feeds
from nnrun.training.job import Job
from nnrun.training.material import Material
from nnrun.training.monitors import direction, monitor, of_the_graph, of_turns
from nnrun.training.network import Network
from nnrun.training.recipes import recipe
from nnrun.training.snapshots import Snapshots
from nnrun.training.state import finite
from nnrun.training.steps import Steps
from nnrun.training.trace import watch

# What of `fit` is taken up here; the rest by the feeds.
TAKEN = ("epochs", "callbacks", "keep", "initial_epoch", "validation_freq")


def fit(job: Job, material: Material, network: Network, *, goes_on: bool = True) -> int | None:
    """Trains in place; where it `goes_on`, from the newest snapshot if there is one. The history is in the recorder.

    Gives the epoch whose weights were restored, if any.
    """
    section, model = job.config.fit, network.model
    consumed.require(job.config, "fit", (*TAKEN, *feeds.TAKEN))
    late = epoch_end.names(material.answers, several=material.is_several)
    callbacks = [build.make(spec, {}) for spec in _callbacks(job, late)]
    snapshots = Snapshots(job, model, callbacks, goes_on=goes_on)
    begin = snapshots.newest
    epochs = last = job.began + framework.at_most_epochs(section.epochs)
    if goes_on:
        job.recorder.go_on(None if begin is None else begin.recorded)
    if begin is not None:
        job.progress.say(_resumed(begin))
        if begin.stopped and not _has_patience(callbacks, begin):
            epochs = begin.epoch

    length = job.config.runtime.steps_per_execution
    smoke = framework.is_smoke()  # a rehearsal begins at the first epoch and validates each
    if needs_every_batch(callbacks) or smoke:
        length = 1
    with Feeds(job, material) as fed:
        training = Loop(network.program(fed.training.like, training=True), fed.training, length=length)
        validation = None
        if fed.validation is not None:
            program = network.program(fed.validation.like, training=False)
            validation = Loop(program, fed.validation, length=1 if smoke else None)
        steps = Steps(job, fed.training)
        watch(job, steps, training.program)
        job.recorder.plan_steps(fed.training.steps * epochs)
        job.progress.begin(job.label, epochs, fed.training.steps)
        ours = watcher(job, steps, training, validation, snapshots, begin=begin, last=last, late=late)
        measuring = [epoch_end.measuring(job, material, network)] if late and validation is not None else []
        measuring += [_sheets(job, material, network)] if network.made else []
        test = None if validation is None else validation.function
        first = job.began or (section.others.get("initial_epoch", 0) if not smoke else 0)
        try:
            with framework.handed_over(model, training.function, test, training.program.reset):
                model.fit(
                    framework.calls(training.calls),
                    initial_epoch=first if begin is None else begin.epoch,
                    epochs=epochs,
                    validation_data=None if validation is None else framework.calls(validation.calls),
                    validation_freq=1 if smoke else section.others.get("validation_freq", 1),
                    callbacks=[*measuring, *callbacks, ours],
                    shuffle=False,  # the order is ours, see pipeline.order
                    verbose=0,
                )
        except DivergedError:
            _keep_best(job, network, callbacks, snapshots)
            raise
        except NnrunError:
            raise
        except Exception as error:  # a shape or a dtype that only the first batch brings to light
            if type(error).__module__.startswith(("keras", "tensorflow", "jax")) or isinstance(
                error, ValueError | TypeError
            ):
                where = job.config.document.key(("fit",))
                raise build.refused(Spec("the training", {}, where), error) from error
            raise
    variables.separate(model)
    job.stop.at_once()  # the last snapshot is taken; what follows is done again by a resume
    if job.stop.asked:  # the signal came behind the last look at the flag
        raise job.stop.error("stopped after the last epoch")
    job.recorder.tell(steps_per_call=training.longest, traces=network.traces)
    return kept_epoch(callbacks)


def _sheets(job: Job, material: Material, network: Network) -> Any:
    """A callback that keeps what the networks of a recipe make."""
    assert job.config.recipe is not None
    if recipe(job.config.recipe).translates:
        return translations.watching(job, material)
    return samples.watching(job, material, network)


def _resumed(begin: Any) -> str:
    at = f", step {begin.step}" if begin.step else ""
    return f"resumed: {begin.epoch} epochs are done{at}"


def _has_patience(callbacks: Sequence[Any], begin: Any) -> bool:
    """Whether a training that a callback had stopped goes on, because it is given more patience now."""
    waiting = [
        counters["wait"] < callback.patience
        for callback, counters in zip(callbacks, begin.counters, strict=True)
        if counters.get("stopped_epoch")
    ]
    return bool(waiting) and all(waiting)


def _keep_best(job: Job, network: Network, callbacks: Sequence[Any], snapshots: Snapshots) -> None:
    """The best weights before the loss was lost, else those of the last snapshot; nothing where there are neither."""
    best, snapshot = best_of(callbacks), newest(snapshots.folder)
    weights = {} if best is None else {str(place): value for place, value in enumerate(best.best_weights)}
    if weights and finite(weights):  # the last step of the best epoch may have lost them
        network.model.set_weights(best.best_weights)
        job.recorder.tell(kept_epoch=int(best.best_epoch) + 1)
    elif snapshot is not None:
        variables.set_values(network.model, snapshot.arrays("variables"))
    else:
        return
    save(job, network)


def save(job: Job, network: Network) -> None:
    """The models of a network as they are now, into the run."""
    for name, model in network.files.items():
        job.recorder.model(model, name)


def _callbacks(job: Job, late: Sequence[str]) -> list[Spec]:
    """The written callbacks; `keep: best` is Keras' own EarlyStopping with endless patience.

    `late` are names of metrics that Keras does not know, as it knows no loss of the graph or of a recipe by its name;
    so it could not tell which way they improve.
    """
    config = job.config
    # The loop does what TerminateOnNaN does, and says more.
    specs = [spec for spec in config.fit.callbacks if spec.name != "TerminateOnNaN"]
    unknown = (*late, *of_the_graph(config), *of_turns(config))
    specs = [_directed(config, spec) if spec.arguments.get("monitor") in unknown else spec for spec in specs]
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


def _directed(config: Config, spec: Spec) -> Spec:
    """A callback with the mode that its monitor asks for, where none is written."""
    mode = spec.arguments.get("mode")
    mode = mode if mode in ("min", "max") else direction(config, str(spec.arguments["monitor"]))
    return replace(spec, arguments={**spec.arguments, "mode": mode})
