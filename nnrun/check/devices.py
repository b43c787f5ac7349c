"""What of `runtime` is wrong on any machine, and what of it has no effect; from the spec alone."""

from __future__ import annotations

from collections.abc import Sequence

from nnrun.check import model
from nnrun.check.data import Seen
from nnrun.config.config import Config
from nnrun.devices import obstacles, wanted
from nnrun.errors import Problem
from nnrun.model.graph import Node
from nnrun.model.layout import batch_axis


def nodes(config: Config, seen: Seen) -> Sequence[Node]:
    """The calls of a config's model as all its phases train them, as far as the headers of its data tell; else none."""
    return obstacles.unfrozen(config, model.look(config, seen, broken=False).nodes)


def problems(config: Config, calls: Sequence[Node]) -> list[Problem]:
    """What no machine could do, or would do wrong; `calls` are those of the model, as far as they are known."""
    return [
        *wanted.contradiction(config),
        *_numbers(config),
        *_without_effect(config),
        *_several(config, calls),
        *_padding(config, calls),
        *_synchronized(config, calls),
    ]


def warnings(config: Config, calls: Sequence[Node]) -> tuple[str, ...]:
    """What is written and does nothing, or may be wrong where nnrun cannot see it."""
    return (*_one_of_many(config), *_settings(config), *_own(config, calls), *_averages(config))


def _numbers(config: Config) -> list[Problem]:
    """Numbers of devices that name none, one twice, or a part of a CPU."""
    devices, where = config.runtime.devices, wanted.where(config, "devices")
    if not isinstance(devices, list):
        return []
    if not devices:
        return [Problem("devices is an empty list", where, "`all`, how many, or their numbers: `devices: [0, 1]`")]
    twice = sorted({number for number in devices if devices.count(number) > 1})
    if twice:
        return [Problem(f"devices names the number {twice[0]} twice", where, "each number once")]
    if config.runtime.device == "cpu" and devices != [0]:
        what = f"devices names {', '.join(map(str, devices))}, and a CPU is one device"
        parts = max(2, len(devices))
        return [Problem(what, where, hint=f"`devices: {parts}` parts it into {parts}, to try a strategy")]
    return []


def _without_effect(config: Config) -> list[Problem]:
    """A mesh or a layout where the model is not parted."""
    runtime = config.runtime
    if wanted.strategy(runtime) == wanted.MODEL_PARALLEL:
        return []
    return [
        Problem(
            f"{key} without `strategy: model_parallel` has no effect",
            config.document.key(("runtime", key)),
            hint=f"write the strategy too, or leave {key} out",
        )
        for key in ("mesh", "layout")
        if getattr(runtime, key) is not None
    ]


def _several(config: Config, calls: Sequence[Node]) -> list[Problem]:
    """A strategy of several devices that is asked for, and goes wrong on any machine."""
    runtime = config.runtime
    asked, count = wanted.strategy(runtime), wanted.count(runtime)
    if asked == wanted.MODEL_PARALLEL:
        found = wanted.of_mesh(config, runtime.backend, count)
        rows = runtime.mesh[batch_axis(runtime.mesh)] if runtime.mesh else 1
        return [*found, *wanted.undivided(config, 1 if runtime.backend != "jax" else rows)]
    if asked != wanted.DATA_PARALLEL or count == 1:
        return []
    found = obstacles.of_replicas(config, calls) if runtime.backend == "tensorflow" else []
    return [*found, *wanted.undivided(config, count or 1)]


def _padding(config: Config, calls: Sequence[Node]) -> list[Problem]:
    """Rows that fill a batch up, where other rows would see them."""
    return obstacles.of_padding(config, calls) if config.runtime.remainder == "pad" else []


def _synchronized(config: Config, calls: Sequence[Node]) -> list[Problem]:
    """BatchNormalization over replicas of TensorFlow, which Keras refuses on JAX."""
    if config.runtime.backend != "jax":
        return []
    found = [
        Problem(
            "synchronized BatchNormalization is for TensorFlow",
            spec.where,
            hint="leave `synchronized` out: JAX always takes the mean of the whole batch",
        )
        for spec in obstacles.calls(config, calls)
        if spec.slot == "layers" and spec.name == "BatchNormalization" and spec.arguments.get("synchronized")
    ]
    return list(dict.fromkeys(found))


def _one_of_many(config: Config) -> list[str]:
    """Several devices that are asked for, of which one computes."""
    runtime, place = config.runtime, wanted.where(config, "devices")
    asked, count = wanted.strategy(runtime), wanted.count(runtime) or 1
    if count == 1 or asked not in ("auto", wanted.ONE):
        return []
    if asked == wanted.ONE:
        return [f"{place}: `strategy: one` computes on the first of {count} devices"]
    if runtime.device != "cpu":
        return []
    return [
        f"{place}: one part of the CPU computes, as fast as all of it; `strategy: data_parallel` takes {count} parts"
    ]


def _settings(config: Config) -> list[str]:
    """Keys of `runtime` that do nothing on the device that is asked for."""
    runtime, device = config.runtime, wanted.device_asked(config.runtime)
    found = []
    if device in ("cpu", "tpu") and not runtime.memory_growth:
        place = config.document.key(("runtime", "memory_growth"))
        found.append(f"{place}: memory_growth is for GPUs, and has no effect on a {wanted.NAMES[device]}")
    if device in ("gpu", "tpu") and runtime.threads is not None and runtime.backend == "jax":
        place = config.document.key(("runtime", "threads"))
        found.append(
            f"{place}: JAX computes with threads on a CPU only; threads has no effect on a {wanted.NAMES[device]}"
        )
    return found


def _own(config: Config, calls: Sequence[Node]) -> list[str]:
    """Layers and losses of the person's own, of which several replicas are asked for."""
    runtime = config.runtime
    parted = wanted.strategy(runtime) == wanted.DATA_PARALLEL and wanted.count(runtime) != 1
    if not (parted and runtime.backend == "tensorflow") and runtime.remainder != "pad":
        return []
    return [f"{problem.where}: {problem.what}; nnrun cannot see it" for problem in obstacles.unknown(config, calls)]


def _averages(config: Config) -> list[str]:
    """Averaged weights, which the weights of the best epoch are not."""
    if config.compile.optimizer.arguments.get("use_ema") is not True:
        return []
    callbacks = config.fit.callbacks
    swaps = any(spec.name == "SwapEMAWeights" and spec.arguments.get("swap_on_epoch") is True for spec in callbacks)
    if swaps:
        return []
    found = []
    if config.fit.keep == "best":
        found.append(("`keep: best`", config.document.key(("fit", "keep"))))
    for spec in callbacks:
        if spec.name == "EarlyStopping" and spec.arguments.get("restore_best_weights") is True:
            found.append(("EarlyStopping", spec.where))
    hint = "`SwapEMAWeights: {swap_on_epoch: true}` before it takes the averages"
    return [f"{place}: {who} puts back weights that are not the averages of use_ema; {hint}" for who, place in found]
