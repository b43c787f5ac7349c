"""Where and how a training computes: one pure function of the config and of what the machine has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

from nnrun.config.config import Config
from nnrun.config.sections import RuntimeSection
from nnrun.devices import obstacles
from nnrun.devices.probe import KINDS, Probe
from nnrun.errors import ConfigError, MissingError, Problem
from nnrun.model.graph import Node

NAMES = {"cpu": "CPU", "gpu": "GPU", "tpu": "TPU"}
BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX"}
ONE, DATA_PARALLEL, MODEL_PARALLEL = "one", "data_parallel", "model_parallel"
ALIASES = {"mirrored": DATA_PARALLEL, "tpu": DATA_PARALLEL}  # TensorFlow's names of the same


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
    def line(self) -> str:
        """One line for a person: what computes, how, and why."""
        count = len(self.numbers)
        told = NAMES[self.device] if count == 1 else f"{count} {NAMES[self.device]}s"
        if count == 1 and self.device != "cpu" and self.names:
            told += f" ({self.names[0]})"
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

    Raises MissingError where a device is asked for and is not there, ConfigError where what is asked for would go wrong.
    """
    runtime = config.runtime
    device, reasons = _device(config, probe)
    numbers = _numbers(config, probe, device)
    several = [] if probe.backend == "jax" else obstacles.of_replicas(config, nodes)
    asked = strategy(runtime)
    if asked == "auto":
        asked, numbers, why = _chosen(config, device, numbers, several)
        reasons += why
    elif asked == ONE:
        numbers = numbers[:1]
    elif asked == DATA_PARALLEL and len(numbers) == 1:
        asked, reasons = ONE, [*reasons, f"one {NAMES[device]}: there is nothing to part a batch among"]
    found = [*several] if asked == DATA_PARALLEL else []
    mesh = dict(runtime.mesh or {})
    replicas = 1
    if asked == MODEL_PARALLEL:
        found += _of_mesh(config, probe, len(numbers))
        replicas = next(iter(mesh.values()), 1)
    elif asked == DATA_PARALLEL:
        replicas = len(numbers)
    found += undivided(config, replicas)
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


def strategy(runtime: RuntimeSection) -> str:
    """The strategy that is asked for, under its one name."""
    return ALIASES.get(runtime.strategy, runtime.strategy)


def device_asked(runtime: RuntimeSection) -> str:
    """The kind of device that is asked for: `strategy: tpu` asks for one, too."""
    return "tpu" if runtime.strategy == "tpu" else runtime.device


def undivided(config: Config, replicas: int) -> list[Problem]:
    """Batch sizes that cannot be parted evenly among the replicas."""
    found = []
    sizes = {"batch_size": config.fit.batch_size, **_validation_size(config)}
    for key, size in sizes.items() if replicas > 1 else ():
        if size % replicas:
            low, high = size - size % replicas, size - size % replicas + replicas
            choice = f"{low} or {high}" if low else str(high)
            what = f"{key} {size} cannot be parted evenly among {replicas} replicas"
            where = config.document.value(("fit", key))
            hint = f"write `{key}: {choice.split(' ')[-1]}`; batch sizes are those of all replicas together"
            found.append(Problem(what, where, f"a multiple of {replicas}, as {choice}", hint))
    return found


def _validation_size(config: Config) -> dict[str, int]:
    size = config.fit.others.get("validation_batch_size")
    return {"validation_batch_size": int(size)} if size else {}


def _device(config: Config, probe: Probe) -> tuple[str, list[str]]:
    """The kind of device, and why it was chosen where nothing is asked for."""
    asked = device_asked(config.runtime)
    if asked != "auto":
        if not probe.of(asked):
            raise MissingError(
                f"the config asks for a {NAMES[asked]}, and {probe.sought.get(asked, 'none is there')}",
                where=_where(config, "strategy" if config.runtime.strategy == "tpu" else "device"),
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
    where = _where(config, "devices")
    if device == "cpu" and config.runtime.device == "cpu" and isinstance(written, int):
        return list(range(written))
    if written == "all":
        return list(range(there))
    numbers = list(range(written)) if isinstance(written, int) else list(dict.fromkeys(written))
    absent = [number for number in numbers if number >= there]
    if absent or not numbers:
        some = NAMES[device] + ("s" if there > 1 else "")
        wanted = f"{written} devices" if isinstance(written, int) else f"the devices {written}"
        hint = "`devices: all` takes those that are there"
        if device == "cpu":
            hint += "; `device: cpu` with `devices: 2` parts the CPU into two, to try a strategy out"
        raise MissingError(f"the config asks for {wanted}, and there is {there} {some}", where=where, hint=hint)
    return numbers


def _chosen(
    config: Config, device: str, numbers: list[int], several: Sequence[Problem]
) -> tuple[str, list[int], list[str]]:
    """What `strategy: auto` takes: several devices only where they learn what one learns, and never parts of a CPU."""
    count, name = len(numbers), NAMES[device]
    if device == "cpu" or count == 1:
        return ONE, numbers[:1], []
    wrong = [*several, *undivided(config, count)]
    if wrong:
        first = wrong[0]
        return ONE, numbers[:1], [f"one of {count} {name}s, since {first.what}" + (f": {first.hint}" if first.hint else "")]
    return DATA_PARALLEL, numbers, [f"{count} {name}s are there"]


def _remainder(config: Config, probe: Probe, replicas: int, nodes: Sequence[Node]) -> tuple[str, list[Problem]]:
    """What becomes of a short last batch, and why that would be wrong."""
    written = config.runtime.remainder
    if written == "auto" and (replicas == 1 or probe.backend == "jax"):
        return "short", []  # JAX parts what one program computes: the rows of a short batch are those of one device
    if written in ("drop", "error"):
        return written, []
    across = obstacles.of_padding(config, nodes)
    if written == "pad":
        return "pad", across
    return ("drop" if across else "pad"), []


def _of_mesh(config: Config, probe: Probe, count: int) -> list[Problem]:
    """What is wrong with the mesh of a model that is parted."""
    runtime = config.runtime
    where = _where(config, "strategy")
    if probe.backend != "jax":
        return [Problem("TensorFlow cannot part a model among devices", where, hint="`runtime: {backend: jax}`")]
    example = f"`mesh: {{batch: 1, model: {count}}}` with `layout: {{dense.*kernel: [null, model]}}`"
    if not runtime.mesh or not runtime.layout:
        missing = "mesh" if not runtime.mesh else "layout"
        return [Problem(f"model_parallel needs a {missing}", where, hint=f"for example {example}")]
    found = []
    if prod(runtime.mesh.values()) != count:
        product = " x ".join(str(size) for size in runtime.mesh.values())
        what = f"the mesh has {product} = {prod(runtime.mesh.values())} places for {count} devices"
        found.append(Problem(what, _where(config, "mesh"), f"a product of {count}", f"for example {example}"))
    for key, axes in runtime.layout.items():
        for axis in axes:
            if axis is not None and axis not in runtime.mesh:
                what = f"the layout names the axis {axis!r}, which the mesh has not"
                at = config.document.value(("runtime", "layout", key))
                found.append(Problem(what, at, "one of " + ", ".join(runtime.mesh)))
    return found


def _where(config: Config, key: str) -> Any:
    return config.document.value(("runtime", key))
