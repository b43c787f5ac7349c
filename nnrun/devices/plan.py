"""Where and how a training computes: one pure function of the config and of what the machine has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nnrun.config.config import Config
from nnrun.devices import obstacles, wanted
from nnrun.devices.probe import KINDS, Probe
from nnrun.devices.wanted import DATA_PARALLEL, MODEL_PARALLEL, NAMES, ONE, undivided
from nnrun.errors import ConfigError, MissingError, Problem
from nnrun.model.graph import Node
from nnrun.model.layout import batch_axis


@dataclass(frozen=True)
class Plan:
    """What was chosen, and why.

    `numbers` are the devices of that kind, counted from 0; where the CPU is parted into several, its parts.
    `replicas` are the copies of the model, among which a batch is parted. `remainder` says what becomes of an epoch's
    last batch where it is short: `short` (it stays short), `pad`, `drop` or `error`.
    """

    device: str = "cpu"
    strategy: str = ONE
    numbers: tuple[int, ...] = (0,)
    replicas: int = 1
    remainder: str = "short"
    mesh: Mapping[str, int] = field(default_factory=dict)
    layout: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)
    determinism: bool = False
    names: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The devices, as a person would call them."""
        count, name = len(self.numbers), NAMES[self.device]
        if self.device == "cpu":
            return name if count == 1 else f"{name} in {count} parts"
        return name if count == 1 else f"{count} {name}s"

    @property
    def line(self) -> str:
        """One line for a person: what computes, how, and why."""
        told = self.told
        if len(self.numbers) == 1 and self.device != "cpu":
            told += f" {self.numbers[0]}" if self.numbers[0] else ""
            told += f" ({self.names[0]})" if self.names else ""
        if self.strategy != ONE:
            told += f", {self.strategy.replace('_', ' ')}"
        if self.remainder != "short":
            told += f", remainder: {self.remainder}"
        return "; ".join([told, *self.reasons])

    def to_data(self) -> dict[str, Any]:
        """For run.json."""
        return {
            "device": self.device,
            "strategy": self.strategy,
            "devices": list(self.numbers),
            "replicas": self.replicas,
            "remainder": self.remainder,
            **({"mesh": dict(self.mesh)} if self.mesh else {}),
            **({"layout": {key: list(axes) for key, axes in self.layout.items()}} if self.layout else {}),
            "determinism": self.determinism,
            "names": list(self.names),
            "reasons": list(self.reasons),
        }


def plan(config: Config, probe: Probe, nodes: Sequence[Node] = ()) -> Plan:
    """The plan of a config on a machine; `nodes` are the calls of its model, as far as they are known.

    Raises MissingError where a device is asked for and is not there, ConfigError where what is asked for goes wrong.
    """
    runtime = config.runtime
    device, reasons = _device(config, probe)
    numbers = _numbers(config, probe, device)
    on_jax = probe.backend == "jax"
    several = _every(config, obstacles.of_recipe if on_jax else lambda fit: obstacles.of_replicas(fit, nodes))
    own = [] if on_jax else _every(config, lambda fit: obstacles.unknown(fit, nodes))
    asked = wanted.strategy(runtime)
    if asked == "auto":
        asked, numbers, why = _chosen(config, device, numbers, [*several, *own])
        reasons += why
    elif asked == ONE:
        if len(numbers) > 1 and runtime.devices != "all":
            reasons = [*reasons, f"the first of {len(numbers)}, since the strategy is `one`"]
        numbers = numbers[:1]
    elif asked == DATA_PARALLEL and len(numbers) == 1:
        asked, reasons = ONE, [*reasons, f"one {NAMES[device]}: there is nothing to part a batch among"]
    found = [*several] if asked == DATA_PARALLEL else []
    mesh = dict(runtime.mesh or {})
    replicas = 1
    if asked == MODEL_PARALLEL:
        found += wanted.of_mesh(config, probe.backend, len(numbers))
        replicas = mesh[batch_axis(mesh)] if mesh else 1
    elif asked == DATA_PARALLEL:
        replicas = len(numbers)
    found += _every(config, lambda fit: undivided(fit, replicas))
    remainder, wrong = _remainder(config, probe, replicas, nodes)
    found += wrong
    if found:
        raise ConfigError(found)
    determinism = runtime.determinism
    if determinism is None:
        determinism = device == "gpu" and probe.backend == "tensorflow"
    return Plan(
        device,
        asked,
        tuple(numbers),
        replicas,
        remainder,
        mesh if asked == MODEL_PARALLEL else {},
        {key: tuple(axes) for key, axes in (runtime.layout or {}).items()} if asked == MODEL_PARALLEL else {},
        determinism,
        tuple(probe.of(device)[number] for number in numbers if number < len(probe.of(device))),
        tuple(reasons),
    )


def _every(config: Config, find: Callable[[Config], Sequence[Problem]]) -> list[Problem]:
    """What is found in any of several fits in a row, each problem once."""
    return list(dict.fromkeys(problem for fit in config.fits for problem in find(fit)))


def _device(config: Config, probe: Probe) -> tuple[str, list[str]]:
    """The kind of device, and why it was chosen where nothing is asked for."""
    wrong = wanted.contradiction(config)
    if wrong:
        raise ConfigError(wrong)
    asked = wanted.device_asked(config.runtime)
    if asked != "auto":
        if not probe.of(asked):
            raise MissingError(
                f"the config asks for a {NAMES[asked]}, and {probe.sought.get(asked, 'none is there')}",
                where=wanted.where(config, "strategy" if config.runtime.strategy == "tpu" else "device"),
                hint="`runtime: {device: auto}` takes what is there; `nnrun doctor` says what that is",
            )
        return asked, []
    best = next(kind for kind in reversed(KINDS) if probe.of(kind))
    missed = [probe.sought[kind] for kind in reversed(KINDS) if kind in probe.sought and not probe.of(kind)]
    return best, missed if best == "cpu" else []


def _numbers(config: Config, probe: Probe, device: str) -> list[int]:
    """The numbers of the devices that are asked for; a CPU that is asked for by name can be parted into several."""
    written = config.runtime.devices
    there = len(probe.of(device))
    where = wanted.where(config, "devices")
    if device == "cpu" and config.runtime.device == "cpu" and isinstance(written, int):
        return list(range(written))
    if written == "all":
        return list(range(there))
    numbers = list(range(written)) if isinstance(written, int) else list(dict.fromkeys(written))
    absent = [number for number in numbers if number >= there]
    if absent or not numbers:
        some = NAMES[device] + ("s" if there > 1 else "")
        told = f"{written} devices" if isinstance(written, int) else f"the devices {written}"
        hint = "`devices: all` takes those that are there"
        if device == "cpu":
            hint += "; `device: cpu` with `devices: 2` parts the CPU into two, to try a strategy out"
        what = f"the config asks for {told}, and there {'are' if there > 1 else 'is'} {there} {some}"
        raise MissingError(what, where=where, hint=hint)
    return numbers


def _chosen(
    config: Config, device: str, numbers: list[int], several: Sequence[Problem]
) -> tuple[str, list[int], list[str]]:
    """What `strategy: auto` takes: several devices only where they learn what one learns, and never parts of a CPU."""
    count, name = len(numbers), NAMES[device]
    if device == "cpu" and count > 1:
        return ONE, numbers[:1], ["not parted: that is slower, and takes `strategy: data_parallel`"]
    if count == 1:
        return ONE, numbers, []
    wrong = [*several, *_every(config, lambda fit: undivided(fit, count))]
    if wrong:
        first = wrong[0]
        return (
            ONE,
            numbers[:1],
            [f"one of {count} {name}s, since {first.what}" + (f": {first.hint}" if first.hint else "")],
        )
    return DATA_PARALLEL, numbers, [f"the result is that of one {name}"]


def _remainder(config: Config, probe: Probe, replicas: int, nodes: Sequence[Node]) -> tuple[str, list[Problem]]:
    """What becomes of a short last batch, and why that would be wrong."""
    written = config.runtime.remainder
    if written == "auto" and (replicas == 1 or probe.backend == "jax"):
        return "short", []  # JAX parts what one program computes: the rows of a short batch are those of one device
    if written in ("drop", "error"):
        return written, []
    across = _every(config, lambda fit: obstacles.of_padding(fit, nodes))
    if written == "pad":
        return "pad", across
    return ("drop" if across or _every(config, lambda fit: obstacles.unknown(fit, nodes)) else "pad"), []
