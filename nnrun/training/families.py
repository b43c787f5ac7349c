"""The models of phases that train one each: built one after another, what one calls of another is one and the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nnrun.config.config import Config, Phase
from nnrun.config.family import frozen_by
from nnrun.model import freezing
from nnrun.training import variables
from nnrun.training.answers import Answer
from nnrun.training.material import Material

Parts = Mapping[str, tuple[Config, Material]]  # of each model, what it is built of


@dataclass(frozen=True)
class Member:
    """A Keras model, which of its layers learn as it is written, and what it answers."""

    model: Any
    config: Config
    learns: Mapping[int, bool]
    answers: Mapping[str, Answer]


Family = Mapping[str, Member]


def members(models: Mapping[str, Any], parts: Parts) -> Family:
    """The models by name; the state of each training is that of all."""
    family = {}
    for name, model in models.items():
        config, material = parts[name]
        family[name] = Member(model, config, freezing.learning(model), material.answers)
    for name, model in models.items():
        variables.keep_with(model, [other for key, other in models.items() if key != name])
    return family


def ready(family: Family, phases: Sequence[Phase]) -> Any:
    """The model that the last of these phases trains, frozen as it says.

    Layers are shared, so that all is set anew: what is written, then what the phases of this model have said so far.
    """
    name = phases[-1].model
    member = family[name]
    freezing.set_learning(member.model, member.learns)
    written = frozen_by(member.config.model)
    if written:
        freezing.freeze(member.model, written, lambda _: member.config.model.where)
    for phase in phases:
        if phase.model == name and phase.trainable:
            freezing.freeze(member.model, phase.trainable, phase.places.__getitem__)
    return member.model


def files(family: Family, phases: Sequence[Phase]) -> dict[str, Any]:
    """The models by the name of their file: that of the last phase, and those of the phases before it."""
    last = phases[-1].model
    others = {f"{phase.model}.keras": family[phase.model].model for phase in phases if phase.model != last}
    return {"model.keras": family[last].model, **others}


def parts_of(parts: Sequence[Any]) -> dict[str, tuple[Config, Material]]:
    """What each model is built of: config and material of the first phase that trains it, in the order of the file."""
    found: dict[str, tuple[Config, Material]] = {}
    for part in parts:
        if part.phase is not None and part.phase.model:
            found.setdefault(part.phase.model, (replace(part.job.config, phases=()), part.material))
    order = list(next(iter(found.values()))[0].family) if found else []
    return {name: found[name] for name in order if name in found}
