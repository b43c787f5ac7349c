"""What a machine has to compute on, as one backend sees it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nnrun.config.sections import RuntimeSection
from nnrun.devices import asking, signs
from nnrun.devices.asking import Answer
from nnrun.devices.signs import Signs
from nnrun.model import framework

KINDS = ("cpu", "gpu", "tpu")
_NO_TPU = "there is no sign of a TPU (no /dev/accel*, no /dev/vfio/*, and TPU_NAME is not set)"


@dataclass(frozen=True)
class Probe:
    """The devices of a machine for one backend, by name; `sought` says what was looked for, and what came of it.

    A CPU counts as one device, however many processors it has; `processors` are those.
    """

    backend: str
    processors: int = 1
    gpus: tuple[str, ...] = ()
    tpus: tuple[str, ...] = ()
    sought: Mapping[str, str] = field(default_factory=dict)  # "gpu": "TensorFlow sees no GPU"

    def of(self, kind: str) -> tuple[str, ...]:
        """The devices of a kind."""
        return {"cpu": ("CPU",), "gpu": self.gpus, "tpu": self.tpus}[kind]

    def to_data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "backend": self.backend,
            "processors": self.processors,
            "gpus": list(self.gpus),
            "tpus": list(self.tpus),
            "sought": dict(self.sought),
        }


def probe(runtime: RuntimeSection, found: Signs | None = None) -> Probe:
    """What the backend in force sees on this machine, as far as the config can use it; it never waits without end.

    TensorFlow is asked in this process, where Keras has loaded it and its drivers have spoken up. JAX is asked in
    another one, and only where there are signs of an accelerator: to ask it here would fix its platforms, the memory
    it takes and the parts of the CPU before there is a plan, and a TPU that is not there is waited for without end.
    Where all that is fixed already, it is asked here: it holds a TPU, which no other process could see.
    """
    backend, asked = framework.backend(), "tpu" if runtime.strategy == "tpu" else runtime.device
    if asked == "cpu":
        return Probe(backend, processors())
    found = found or signs.look()
    if backend == "tensorflow":
        return seen(backend, found, asking.of_tensorflow(framework.tensorflow()), asked)
    if asking.jax_is_awake():
        return seen(backend, found, asking.of_jax(framework.jax()), asked)
    return seen(backend, found, asking.ask(backend) if worth_asking(found, asked) else Answer(), asked)


def seen(backend: str, found: Signs, answer: Answer, asked: str = "auto") -> Probe:
    """What a backend's answer comes to, with a sentence about each kind of device that is not there."""
    gpus, tpus, sought = answer.of("gpu"), answer.of("tpu"), {}
    if backend == "tensorflow" and asked == "tpu" and found.has_tensorflow_tpu and found.of_tpu:
        tpus = ("TPU",) * max(1, len(found.tpus))  # its cores are counted when it is connected to, by the training
    if not gpus:
        sought["gpu"] = _no_gpu_of_jax(found, answer) if backend == "jax" else _no_gpu_of_tensorflow(found, answer)
    if not tpus and (asked == "tpu" or found.of_tpu):
        sought["tpu"] = _no_tpu_of_jax(found, answer) if backend == "jax" else _no_tpu_of_tensorflow(found, asked)
    return Probe(backend, processors(), gpus, tpus, sought)


def processors() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worth_asking(found: Signs, asked: str = "auto") -> bool:
    """Whether JAX could see more than the CPU; its own rule: a plugin, and the device's file."""
    for_gpu = bool(found.gpus) and _has_gpu_plugin(found) and asked != "tpu"
    return for_gpu or (bool(found.of_tpu) and found.has_libtpu and asked != "gpu")


def _has_gpu_plugin(found: Signs) -> bool:
    return any(kind in plugin for plugin in found.plugins for kind in ("cuda", "rocm"))


def _no_gpu_of_tensorflow(found: Signs, answer: Answer) -> str:
    if found.hidden:
        return f"{found.hidden} hides every GPU"
    if found.is_amd:
        return f"TensorFlow cannot use AMD's GPU, which is there ({found.gpus[0]})"
    if answer.failed:
        return f"TensorFlow did not say which GPUs it sees: {answer.failed}"
    if found.gpus and not answer.about.get("has_gpu_support", True):
        return f"TensorFlow cannot use the GPU that is there ({found.gpus[0]}): it is built without"
    if found.gpus:
        remedy = "the driver or NVIDIA's libraries are missing, which `pip install 'tensorflow[and-cuda]'` brings"
        return f"TensorFlow cannot use the GPU that is there ({found.gpus[0]}): {remedy}"
    return "TensorFlow sees no GPU"


def _no_gpu_of_jax(found: Signs, answer: Answer) -> str:
    if found.hidden:
        return f"{found.hidden} hides every GPU"
    if found.jax_platforms and not {"cuda", "rocm", "gpu"} & set(found.jax_platforms.split(",")):
        return f"JAX_PLATFORMS={found.jax_platforms!r} hides every GPU"
    if found.is_amd and not _has_gpu_plugin(found):
        return f"JAX has no package for AMD's GPU, which is there ({found.gpus[0]}): see AMD's instructions for JAX"
    if found.gpus and not _has_gpu_plugin(found):
        remedy = "`pip install 'jax[cuda13]'`, or `'jax[cuda12]'` for an older driver"
        return f"JAX has no package for the GPU that is there ({found.gpus[0]}): {remedy}"
    if answer.failed:
        return f"JAX did not say which GPUs it sees: {answer.failed}"
    return "JAX sees no GPU" if found.gpus else "there is no sign of a GPU"


def _no_tpu_of_tensorflow(found: Signs, asked: str) -> str:
    there = f"a TPU may be there ({found.of_tpu})"
    if not found.has_tensorflow_tpu:
        cannot = "this TensorFlow cannot use one (its package tensorflow-tpu ends at 2.20; `backend: jax` can)"
        return cannot if asked == "tpu" else f"{there}, but {cannot}"
    return f"{there}: `device: tpu` asks for it" if found.of_tpu else _NO_TPU


def _no_tpu_of_jax(found: Signs, answer: Answer) -> str:
    if not found.of_tpu:
        return _NO_TPU
    if found.jax_platforms and "tpu" not in found.jax_platforms.split(","):
        return f"JAX_PLATFORMS={found.jax_platforms!r} hides every TPU"
    there = f"a TPU may be there ({found.of_tpu})"
    if not found.has_libtpu:
        return f"{there}, but JAX has no package for it: `pip install 'jax[tpu]'`"
    return f"{there}, but JAX did not say so: {answer.failed}" if answer.failed else "JAX sees no TPU"
