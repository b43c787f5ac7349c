"""One training: prepare, build, fit, score, write. Runs, folds, seeds and trials all come here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from nnrun.config.config import Config
from nnrun.errors import DivergedError, StoppedError
from nnrun.model import framework
from nnrun.training import anomalies, augmented, earlier_inputs, judging
from nnrun.training.division import section
from nnrun.training.fitting import save
from nnrun.training.foresight import foresight
from nnrun.training.generating import SAMPLES, samples
from nnrun.training.job import Job, Outcome
from nnrun.training.material import Material, material
from nnrun.training.monitors import monitor
from nnrun.training.network import Network, Networks
from nnrun.training.phases import Phases
from nnrun.training.probe import probe
from nnrun.training.recorder import Recorder
from nnrun.training.resolve import resolved
from nnrun.training.scoring import score_parts
from nnrun.training.segmented import segmented
from nnrun.training.stopping import Stop
from nnrun.training.vectors import vectors

__all__ = ["Job", "Networks", "Outcome", "finishing", "train"]


def train(job: Job) -> Outcome:
    """Runs one training into the recorder's folder."""
    with finishing(job.recorder, job.stop):
        try:
            return _train(job)
        finally:
            job.progress.end()


@contextmanager
def finishing(recorder: Recorder, stop: Stop) -> Iterator[None]:
    """The work on a run: whatever ends it is written down, an error before it is raised again."""
    try:
        yield
    except BaseException as error:
        told = stop.instead_of(error)
        recorder.finish(_ended_by(told), told)
        if told is error:
            raise
        raise told from None
    recorder.finish("complete")


def _ended_by(error: BaseException) -> str:
    if isinstance(error, StoppedError | KeyboardInterrupt):
        return "stopped"
    return "diverged" if isinstance(error, DivergedError) else "failed"


def _train(job: Job) -> Outcome:
    began = time.perf_counter()
    job = anomalies.only_normal(job)
    recorder, split = job.recorder, job.split
    recorder.arrays("splits.npz", {"train": split.train, "validation": split.validation, "test": split.test})
    data = material(job)
    augmented.require(job.config, data, split.train)
    recorder.preparation(*data.save_data())
    judging.require(job, data)
    earlier_inputs.tell(job, data)
    phases = Phases(job, data)
    net = phases.network()
    recorder.text(
        "resolved.yaml", resolved(_as_planned(job), data.answers, data.preparation, section(job.config, job.dataset))
    )
    _tell(job, data, net)
    try:
        last, net, kept = phases.fit(net)
    except StoppedError:
        save(job, net)  # the weights of this moment, so that a long training is not lost
        raise
    if kept is not None:
        recorder.tell(kept_epoch=kept)
    recorder.tell(parameters=net.parameters)  # of all models that were trained by now
    job, data = last.job, last.material
    outcome = score_parts(job, data, net, kept)
    save(job, net)
    if net.made:
        recorder.tell(seconds=round(time.perf_counter() - began, 3))
        return outcome
    told = samples(job, data, net, kept)
    if told is not None:
        recorder.text(SAMPLES, told)
    seen = probe(job, data, net) | vectors(job, data, net) | augmented.sheet(job, data)
    if seen:
        recorder.arrays("probe.npz", seen)
    laid_over = segmented(job, data, outcome)
    if laid_over:
        recorder.arrays("segmentation.npz", laid_over)
    recorder.tell(seconds=round(time.perf_counter() - began, 3))
    return outcome


def _counts(job: Job, data: Material) -> dict[str, Any]:
    """How many rows each part has, and of which classes."""
    told: dict[str, Any] = {}
    for part in ("train", "validation", "test"):
        rows = getattr(job.split, part)
        told[part] = {"rows": len(rows)}
        for name, answer in data.answers.items():
            if answer.task.kind == "classes" and len(rows):
                counts = answer.counts(data.targets[name][rows])
                told[part][name] = dict(zip(answer.target.classes, counts.tolist(), strict=True))
    return told


def _as_planned(job: Job) -> Config:
    """The config with what was decided of a short last batch, which another machine might decide otherwise."""
    if job.plan.remainder == "short":
        return job.config
    runtime = job.config.runtime.model_copy(update={"remainder": job.plan.remainder})
    return replace(job.config, runtime=runtime)


def _tell(job: Job, data: Material, net: Network) -> None:
    """What was chosen, for run.json and for the person who watches."""
    notes = [*data.preparation.notes, *foresight(data, net, job.split.train)]
    job.recorder.tell(
        task={
            name: {"task": answer.task.name, "classes": list(answer.target.classes)}
            for name, answer in data.answers.items()
        },
        monitor=monitor(job.config.fits[-1], has_validation=len(job.split.validation) > 0),
        parts=_counts(job, data),
        parameters=net.parameters,
        device=job.plan.told,
        plan=job.plan.to_data(),
        stream=data.streams,
        keras={**framework.values_in_force(), "dtype_policy": net.model.dtype_policy.name},
        notes=notes,
    )
    for sentence in (*(answer.choice for answer in data.answers.values()), *notes):
        job.recorder.log(sentence)
        if job.fold in (None, 1):
            job.progress.say(sentence)
