"""Cheap signs of an accelerator: files, variables and packages, looked at without waking any driver."""

from __future__ import annotations

import os
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

_NVIDIA = ("nvidia[0-9]*", "nvidiactl", "dxg")  # the second in containers, the third under Windows: as JAX looks
_AMD = ("kfd",)
_TPU = ("accel[0-9]*", "vfio/[0-9]*")  # not /dev/accel (another maker's), not /dev/vfio/vfio (any host of machines)


@dataclass(frozen=True)
class Signs:
    """What points to an accelerator, and what would keep it from a backend.

    `gpus` and `tpus` are device files; `tpu_name` is the variable's value. `plugins` are JAX's, as `xla_cuda13`.
    """

    gpus: tuple[str, ...] = ()
    tpus: tuple[str, ...] = ()
    tpu_name: str = ""
    plugins: tuple[str, ...] = ()
    has_libtpu: bool = False
    has_tensorflow_tpu: bool = False
    hidden: str = ""  # the setting that hides all of NVIDIA's GPUs, as it is written
    jax_platforms: str = ""

    @property
    def of_tpu(self) -> str:
        """The first sign of a TPU, for a sentence; empty where there is none."""
        return self.tpus[0] if self.tpus else "TPU_NAME is set" if self.tpu_name else ""

    @property
    def is_amd(self) -> bool:
        """Whether the GPUs are AMD's."""
        return bool(self.gpus) and all(file.endswith(_AMD) for file in self.gpus)


def look(root: Path = Path("/"), variables: Mapping[str, str] | None = None) -> Signs:
    """The signs of this machine; tests give a `root` with a made-up `dev`, and made-up variables."""
    set_ = os.environ if variables is None else variables
    visible = set_.get("CUDA_VISIBLE_DEVICES")
    hides = visible is not None and (not visible.strip() or visible.strip().startswith("-1"))
    return Signs(
        gpus=_files(root, _NVIDIA) or _files(root, _AMD),
        tpus=_files(root, _TPU),
        tpu_name=set_.get("TPU_NAME", ""),
        plugins=_plugins(),
        has_libtpu=find_spec("libtpu") is not None,
        has_tensorflow_tpu=_is_installed("tensorflow-tpu"),
        hidden=f"CUDA_VISIBLE_DEVICES={visible!r}" if hides else "",
        jax_platforms=set_.get("JAX_PLATFORMS", ""),
    )


def _files(root: Path, patterns: tuple[str, ...]) -> tuple[str, ...]:
    found = [path for pattern in patterns for path in sorted((root / "dev").glob(pattern))]
    return tuple(f"/{path.relative_to(root).as_posix()}" for path in found)


def _plugins() -> tuple[str, ...]:
    """The modules that JAX would look for accelerators with, found without importing them."""
    found = find_spec("jax_plugins")
    places = [] if found is None else list(found.submodule_search_locations or ())
    return tuple(sorted({module.name for module in pkgutil.iter_modules(places)}))


def _is_installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True
