"""Several fits in a row on one network: what each trains and how it is compiled, where it begins and where it ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from nnrun.config.config import Phase
from nnrun.errors import DivergedError, RunError
from nnrun.model.freezing import counts
from nnrun.storage.snapshots import newest
from nnrun.training.answers import answers
from nnrun.training.families import parts_of
from nnrun.training.features import extracted
from nnrun.training.feeds import require_batches
from nnrun.training.fitting import fit
from nnrun.training.initial import take_weights
from nnrun.training.job import Job
from nnrun.training.material import Material, of_model, vocabularies
from nnrun.training.network import Network
from nnrun.training.sampling import sampled


@dataclass(frozen=True)
class Part:
    """One fit: its job, what it learns, and the phase that says what is frozen or trained from here on."""

    job: Job
    material: Material
    phase: Phase | None = None


class Phases:
    """The fits of one training, gone through from the one in which it was broken off; a plain training is one fit."""

    def __init__(self, job: Job, material: Material) -> None:
        self._parts = [_part(job, material, number) for number in range(len(job.config.fits))]
        found = newest(job.recorder.path / "snapshots")
        recorded = {} if found is None else found.data("state")["recorded"]
        self._number, self._began = recorded.get("phase", 0), recorded.get("began", 0)
        self._told: list[dict[str, Any]] = job.recorder.info.get("phases", [])[: self._number]
        self._is_several = bool(job.config.phases)
        self._networks = job.networks

    def network(self) -> Network:
        """The network as the first of these fits trains it."""
        part, until = self._parts[self._number], self._until(self._number)
        job, parts = part.job, parts_of(self._parts)
        net = self._networks.network(job.config, part.material, job.steps_per_epoch, job.plan, until, parts)
        if job.weights_from is not None and net.family:
            what = "the weights of another run are those of one model, and these phases train several"
            hint = "`trained: {run: NAME}` is a step that begins with them; leave --init-from out"
            raise RunError(what, hint=hint)
        if job.weights_from is not None:
            take_weights(net.model, job.weights_from)
        return net

    def fit(self, net: Network) -> tuple[Part, Network, int | None]:
        """Trains in place; gives the last fit, with the network that it has left and the epoch that it kept."""
        first, kept = self._number, None
        for number, part in enumerate(self._parts[first:], start=first):
            job = replace(part.job, began=self._began)
            if number > first:
                until = self._until(number)
                net = self._networks.compiled_anew(net, job.config, part.material, job.steps_per_epoch, until)
            self._tell(number, job, net)
            kept = _fit(job, part.material, net, goes_on=number == first)
            rows = job.recorder.rows
            self._began = int(rows[-1]["epoch"]) if rows else self._began
            self._tell(number, job, net, last_epoch=self._began, **({} if kept is None else {"kept_epoch": kept}))
        return replace(part, job=job), net, kept

    def _until(self, number: int) -> list[Phase]:
        """The phases so far, this one too."""
        return [part.phase for part in self._parts[: number + 1] if part.phase]

    def _tell(self, number: int, job: Job, net: Network, **more: Any) -> None:
        """For run.json: what a phase trains, and when."""
        if not self._is_several:
            return
        trained, frozen = counts(net.model)
        phase = self._parts[number].phase
        told = {
            "name": job.phase_name,
            **({"model": phase.model} if phase is not None and phase.model else {}),
            "first_epoch": job.began + 1,
            "optimizer": job.config.compile.optimizer.name,
            "trainable": trained,
            "frozen": frozen,
            **more,
        }
        self._told[number:] = [told]
        job.recorder.tell(phases=self._told)
        if not more:
            sentence = f"{job.phase_name}: {trained:,} parameters are trained, {frozen:,} are frozen"
            job.recorder.log(sentence)
            job.progress.say(sentence)


def _fit(job: Job, material: Material, net: Network, *, goes_on: bool) -> int | None:
    """Trains the network, or where it rests on frozen layers, what stands on their features."""
    found = extracted(job, material, net) if not net.made else None
    if found is None:
        return fit(job, material, net, goes_on=goes_on)
    try:
        return fit(job, *found, goes_on=goes_on)
    except DivergedError:
        job.recorder.model(net.model)  # whole, in the place of what was kept of the layers above
        raise


def _part(job: Job, material: Material, number: int) -> Part:
    """A fit with the `compile` and `fit` of its phase."""
    if not job.config.phases:
        return Part(_ready(job, material), material)
    phase = job.config.phases[number]
    own = phase.config
    config = replace(job.config, model=own.model, recipe=own.recipe, compile=own.compile, fit=own.fit, phases=())
    config = replace(config, document=own.document)
    facts = material.preparation.facts
    found = answers(config, job.dataset, job.split.train, list(facts), vocabularies(facts))
    if phase.model:
        material = of_model(material, config, job.dataset, found)
    material = replace(material, answers=found)
    job = replace(job, config=config, phase=number, phase_name=phase.name)
    return Part(_ready(job, material), material, phase)


def _ready(job: Job, material: Material) -> Job:
    job = sampled(job, material)
    require_batches(job)
    return job
