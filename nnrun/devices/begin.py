"""A plan, put in force: what the backend sees, how it computes, and the strategy or distribution of its devices."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from nnrun.config.config import Config
from nnrun.config.sections import RuntimeSection
from nnrun.devices import wanted
from nnrun.devices.plan import Plan, plan
from nnrun.devices.probe import probe
from nnrun.devices.tpu import tpu_strategy
from nnrun.devices.wanted import DATA_PARALLEL, MODEL_PARALLEL, ONE
from nnrun.errors import ConfigError, MissingError, Problem, UsageError
from nnrun.model import distribution, framework, layout
from nnrun.model.graph import Node


@contextlib.contextmanager
def in_force(config: Config, nodes: Sequence[Node] = ()) -> Iterator[Plan]:
    """Looks at the machine and decides; inside, models are built and trained as the plan says, which it gives."""
    _before(config.runtime)
    framework.keras()
    there, strategy = probe(config.runtime), None
    if framework.backend() == "tensorflow" and there.tpus and wanted.device_asked(config.runtime) == "tpu":
        strategy = tpu_strategy()
        there = replace(there, tpus=("TPU",) * strategy.num_replicas_in_sync)  # its cores are known from here on
    found = plan(config, there, nodes)
    if strategy is None:
        strategy = _begun(found, config.runtime)
    elif strategy.num_replicas_in_sync != found.replicas:
        what = "; ".join([f"TensorFlow computes on all {len(there.tpus)} cores of a TPU", *found.reasons])
        where = config.document.value(("runtime", "devices" if config.runtime.devices != "all" else "strategy"))
        raise ConfigError(
            [Problem(what, where, "`strategy: tpu` and `devices: all`", "JAX computes on some: `backend: jax`")]
        )
    distribution.put(strategy)
    try:
        yield found
    finally:
        distribution.put(None)


def answer_on(config: Config) -> None:
    """One device, to answer with: the kind that the run was trained on where it is there, else what is there."""
    _before(config.runtime)
    there = probe(config.runtime)
    try:
        found = plan(_of_one(config), there)
    except MissingError:
        found = plan(_of_one(config, device="auto", devices="all"), there)
    framework.keras()
    _begun(found, config.runtime)


def _of_one(config: Config, **changed: Any) -> Config:
    runtime = config.runtime.model_copy(update={"strategy": ONE, "remainder": "auto", **changed})
    return replace(config, runtime=runtime)


def _before(runtime: RuntimeSection) -> None:
    """What JAX and XLA read from the environment when they are loaded, or first asked for a device."""
    if framework.backend() != "jax":
        return
    if runtime.memory_growth:
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    if runtime.threads is not None:
        os.environ["NPROC"] = str(runtime.threads)  # how many threads XLA computes with on a CPU
    if runtime.determinism:
        flag = "--xla_gpu_deterministic_ops=true"
        os.environ["XLA_FLAGS"] = " ".join(dict.fromkeys([*os.environ.get("XLA_FLAGS", "").split(), flag]))


def _begun(found: Plan, runtime: RuntimeSection) -> Any:
    """The devices of a plan, as the backend shall see them; gives the strategy or distribution, None for one device."""
    return _tensorflow(found, runtime) if framework.backend() == "tensorflow" else _jax(found)


def _tensorflow(found: Plan, runtime: RuntimeSection) -> Any:
    tf = framework.tensorflow()
    if found.determinism:
        tf.config.experimental.enable_op_determinism()
    if runtime.threads is not None:
        with contextlib.suppress(RuntimeError):  # the threads of a process are fixed once it has computed
            tf.config.threading.set_intra_op_parallelism_threads(runtime.threads)
    gpus = tf.config.list_physical_devices("GPU")
    _see(tf, [gpus[number] for number in found.numbers] if found.device == "gpu" else [])
    if found.device == "gpu" and runtime.memory_growth:
        for gpu in tf.config.get_visible_devices("GPU"):
            with contextlib.suppress(RuntimeError):  # a process that has computed holds its memory already
                tf.config.experimental.set_memory_growth(gpu, True)
    if found.device == "cpu" and len(found.numbers) > 1:
        _part_cpu(tf, len(found.numbers))
    if found.strategy != DATA_PARALLEL:
        return None
    # GPUs that are seen are counted anew. Collectives lose their order inside of a loop, where BatchNormalization meets
    # in between: tried on parts of a CPU; what is reduced on one device does not.
    names = [f"{found.device.upper()}:{place}" for place in range(len(found.numbers))]
    return tf.distribute.MirroredStrategy(names, cross_device_ops=tf.distribute.ReductionToOneDevice())


def _see(tf: Any, wanted: list[Any]) -> None:
    """Leaves only some GPUs to be seen."""
    if tf.config.get_visible_devices("GPU") == wanted:
        return
    try:
        tf.config.set_visible_devices(wanted, "GPU")
    except RuntimeError:
        raise _too_late("GPUs than those that the config asks for") from None


def _part_cpu(tf: Any, count: int) -> None:
    """Parts the CPU into so many devices."""
    (cpu,) = tf.config.list_physical_devices("CPU")
    try:
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * count)
    except RuntimeError:
        if len(tf.config.list_logical_devices("CPU")) < count:
            raise _too_late(f"parts of the CPU than {count}") from None


def _jax(found: Plan) -> Any:
    """What of the runtime JAX obeys besides, `_before` has set."""
    jax = framework.jax()
    if found.device == "cpu":
        _use_cpu(jax, len(found.numbers))
    devices = jax.devices(found.device)
    chosen = [devices[number] for number in found.numbers]
    # Not the first that JAX sees where another is asked for: also the CPU in a process that has a GPU by now.
    is_other = found.strategy == ONE and chosen[0] != jax.devices()[0]
    jax.config.update("jax_default_device", chosen[0] if is_other else None)
    if found.strategy == ONE:
        return None
    return _distributed(found, [f"{device.platform}:{device.id}" for device in chosen])


def _distributed(found: Plan, names: list[str]) -> Any:
    """What Keras distributes by, over the devices of these names."""
    if found.strategy != MODEL_PARALLEL:
        return framework.keras().distribution.DataParallel(devices=names, auto_shard_dataset=False)
    return layout.distribution(names, found.mesh, found.layout)


def _use_cpu(jax: Any, count: int) -> None:
    """Lets JAX see the CPU only, in so many parts; nothing else is looked for, and nothing can hang."""
    try:
        if count > 1:
            jax.config.update("jax_num_cpu_devices", count)
        jax.config.update("jax_platforms", "cpu")
    except RuntimeError:  # it has computed already
        if len(jax.devices("cpu")) < count:
            raise _too_late(f"parts of the CPU than {count}") from None


def _too_late(other: str) -> UsageError:
    return UsageError(
        f"this process has computed already, and with other {other}",
        expected="the devices of a process are chosen before it computes",
        hint="train it in a process of its own, for example with the command nnrun",
    )
