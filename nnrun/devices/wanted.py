"""What `runtime` asks for, and what of it is wrong on any machine: one road for `check` and for the plan."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import prod

from nnrun.config.config import Config
from nnrun.config.sections import RuntimeSection
from nnrun.errors import Problem, Where

NAMES = {"cpu": "CPU", "gpu": "GPU", "tpu": "TPU"}
ONE, DATA_PARALLEL, MODEL_PARALLEL = "one", "data_parallel", "model_parallel"
ALIASES = {"mirrored": DATA_PARALLEL, "tpu": DATA_PARALLEL}  # TensorFlow's names of the same


def strategy(runtime: RuntimeSection) -> str:
    """The strategy that is asked for, under its one name."""
    return ALIASES.get(runtime.strategy, runtime.strategy)


def device_asked(runtime: RuntimeSection) -> str:
    """The kind of device that is asked for: `strategy: tpu` asks for one, too."""
    return "tpu" if runtime.strategy == "tpu" else runtime.device


def count(runtime: RuntimeSection) -> int | None:
    """How many devices are asked for; None where the machine decides."""
    if isinstance(runtime.devices, list):
        return len(runtime.devices)
    if isinstance(runtime.devices, int):
        return runtime.devices
    return 1 if device_asked(runtime) == "cpu" else None


def where(config: Config, key: str) -> Where:
    """The place of a value of `runtime`."""
    return config.document.value(("runtime", key))


def contradiction(config: Config) -> list[Problem]:
    """Two kinds of device at once."""
    asked, written = device_asked(config.runtime), config.runtime.device
    if written in ("auto", asked):
        return []
    what = f"strategy tpu asks for a TPU, and device for a {NAMES[written]}"
    return [Problem(what, where(config, "device"), hint="leave one of the two out")]


def undivided(config: Config, replicas: int) -> list[Problem]:
    """Batch sizes that cannot be parted evenly among the replicas."""
    found = []
    sizes = {"batch_size": config.fit.batch_size, **_validation_size(config)}
    for key, size in sizes.items() if replicas > 1 else ():
        if size % replicas:
            low, high = size - size % replicas, size - size % replicas + replicas
            choice = f"{low} or {high}" if low else str(high)
            what = f"{key} {size} cannot be parted evenly among {replicas} replicas"
            place = config.document.value(("fit", key))
            hint = f"write `{key}: {high}`; batch sizes are those of all replicas together"
            found.append(Problem(what, place, f"a multiple of {replicas}, as {choice}", hint))
    return found


def _validation_size(config: Config) -> dict[str, int]:
    size = config.fit.others.get("validation_batch_size")
    return {"validation_batch_size": int(size)} if size else {}


def of_mesh(config: Config, backend: str, devices: int | None) -> list[Problem]:
    """What is wrong with the mesh of a model that is parted among so many devices; None is not known yet."""
    runtime = config.runtime
    place = where(config, "strategy")
    if backend != "jax":
        return [Problem("TensorFlow cannot part a model among devices", place, hint="`runtime: {backend: jax}`")]
    example = f"`mesh: {{batch: 1, model: {devices or 2}}}` with `layout: {{.*dense.*kernel: [null, model]}}`"
    if not runtime.mesh or not runtime.layout:
        missing = "mesh" if not runtime.mesh else "layout"
        return [Problem(f"model_parallel needs a {missing}", place, hint=f"for example {example}")]
    found = []
    if devices is not None and prod(runtime.mesh.values()) != devices:
        product = " x ".join(str(size) for size in runtime.mesh.values())
        told = f"{devices} devices" if devices > 1 else "one device"
        what = f"the mesh has {product} = {prod(runtime.mesh.values())} places for {told}"
        found.append(Problem(what, where(config, "mesh"), f"a product of {devices}", f"for example {example}"))
    for key, axes in runtime.layout.items():
        found += _of_layout(key, axes, config.document.key(("runtime", "layout", key)))
        for axis in axes:
            if axis is not None and axis not in runtime.mesh:
                what = f"the layout names the axis {axis!r}, which the mesh has not"
                at = config.document.value(("runtime", "layout", key))
                found.append(Problem(what, at, "one of " + ", ".join(runtime.mesh)))
    return found


def _of_layout(pattern: str, axes: Sequence[str | None], place: Where) -> list[Problem]:
    """What is wrong with a line of a layout, whatever the model."""
    found = []
    try:
        re.compile(pattern)
    except re.error as error:
        what = f"the pattern {pattern!r} cannot be read: {error}"
        found.append(Problem(what, place, "a regular expression for the paths of variables, as `.*dense.*kernel`"))
    for axis in sorted({axis for axis in axes if axis is not None and axes.count(axis) > 1}):
        what = f"the layout parts two dimensions of a variable along the axis {axis!r}"
        found.append(Problem(what, place, "an axis once, and null for the other dimensions"))
    return found
