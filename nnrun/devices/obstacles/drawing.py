"""What draws random numbers while it is trained: replicas draw each for themselves, other numbers than one device."""

from __future__ import annotations

from collections.abc import Sequence

from nnrun import catalogue
from nnrun.config.config import Config
from nnrun.config.spec import Spec
from nnrun.devices.obstacles import applications
from nnrun.errors import Problem

# How much a layer draws: at 0 it draws nothing. Layers with a `seed` and none of these always draw.
AMOUNTS = ("rate", "stddev", "dropout", "recurrent_dropout")
REMEDY = "`runtime: {backend: jax}`, which draws once for all devices"


def draws(spec: Spec) -> bool:
    """Whether a layer or an application draws while it is trained."""
    if spec.slot == "applications":
        return applications.draws(spec)
    component = catalogue.find("layers", spec.name) if spec.slot == "layers" else None
    if component is None or component.own_file:
        return False
    amounts = [parameter for parameter in component.parameters if parameter.name in AMOUNTS]
    if amounts:
        return any(spec.arguments.get(amount.name, amount.default) != 0 for amount in amounts)
    return component.parameter("seed") is not None


def layers(specs: Sequence[Spec]) -> list[Problem]:
    """Layers of the network that draw."""
    return [_problem(spec) for spec in specs if draws(spec)]


def augmentations(config: Config) -> list[Problem]:
    """Changes of training rows, all of which draw."""
    found = [_problem(spec) for specs in config.data.augment.values() for spec in specs]
    hidden = [target for target in config.data.targets if target.masked is not None and target.masked.anew]
    what = "the tokens that are hidden are drawn in every replica by itself"
    return found + [Problem(what, target.where, hint=REMEDY) for target in hidden]


def _problem(spec: Spec) -> Problem:
    return Problem(f"{spec.name} draws in every replica by itself", spec.where, hint=REMEDY)
