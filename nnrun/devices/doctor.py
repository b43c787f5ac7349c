"""What a machine is, what each backend sees on it, and what would be chosen there: plain data, for `nnrun doctor`."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distributions, requires, version
from pathlib import Path
from typing import Any

from nnrun.config.config import Config
from nnrun.config.loader import load_text
from nnrun.config.read import read
from nnrun.data import memory
from nnrun.devices import asking, nvidia, signs, wanted
from nnrun.devices.asking import Answer
from nnrun.devices.plan import Plan, plan
from nnrun.devices.probe import Probe, processors, seen, worth_asking
from nnrun.devices.signs import Signs
from nnrun.errors import MissingError
from nnrun.model.framework import BACKENDS
from nnrun.model.graph import Node
from nnrun.version import __version__

# A model that any device can train, to say what `auto` takes.
_PLAIN = "data: {{source: {{sklearn: digits}}}}\nmodel: {{layers: [Flatten]}}\nruntime: {{backend: {backend}}}\n"
_CORE = ("keras", "tensorflow", "jax", "jaxlib", "numpy")
_ACCELERATORS = re.compile(r"nvidia[-_].*|jax[-_](cuda|rocm).*|tensorflow[-_](tpu|rocm|metal)|libtpu")


@dataclass(frozen=True)
class Backend:
    """A backend that was asked: its version, None where it is not installed, and what came of it."""

    name: str
    version: str | None
    answer: Answer
    probe: Probe
    auto: Plan | None  # None where it cannot train at all

    def to_data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "version": self.version,
            "failed": self.answer.failed or None,
            "seconds": round(self.answer.seconds, 1),
            "devices": [{"kind": kind, "name": name} for kind, name in self.answer.devices],
            "build": dict(self.answer.about),
            "sought": dict(self.probe.sought),
            "auto": None if self.auto is None else plan_data(self.auto),
        }


def machine() -> dict[str, Any]:
    """The machine and what is installed on it; memory in bytes."""
    return {
        "nnrun": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processors": processors(),
        "memory": {"whole": memory.whole(), "available": memory.available()},
        "gpus": nvidia.gpus(),
        "packages": _packages(),
        "missing": _missing(),
        "keras_json": keras_json(),
    }


def backends(found: Signs | None = None) -> list[Backend]:
    """Each backend, asked in a process of its own, which is ended where it does not answer in time."""
    found = found or signs.look()
    return [_asked(name, found) for name in BACKENDS]


def usable(asked: Sequence[Backend]) -> list[str]:
    """The backends that can train here; raises MissingError where there is none."""
    able = [backend.name for backend in asked if backend.auto is not None]
    if not able:
        reasons = "; ".join(f"{backend.name}: {backend.answer.failed}" for backend in asked)
        raise MissingError(
            f"nothing can be trained here ({reasons})", hint="install nnrun again in a clean environment"
        )
    return able


def plan_of(config: Config, nodes: Sequence[Node], asked: Sequence[Backend], found: Signs | None = None) -> Plan:
    """The plan of a config on this machine; raises what the training would."""
    backend = next(backend for backend in asked if backend.name == config.runtime.backend)
    if backend.auto is None:
        what = f"the config's backend is {backend.name}, which cannot train here: {backend.answer.failed}"
        raise MissingError(what, where=wanted.where(config, "backend"))
    kind = wanted.device_asked(config.runtime)
    return plan(config, seen(backend.name, found or signs.look(), backend.answer, kind), nodes)


def plan_data(found: Plan) -> dict[str, Any]:
    """A plan with its line, for JSON."""
    return {"line": found.line, **found.to_data()}


def keras_json() -> dict[str, Any] | None:
    """The person's keras.json and what it says, None where there is none; nnrun does not obey it."""
    home = os.environ.get("KERAS_HOME")
    file = Path(home) / "keras.json" if home else Path.home() / ".keras" / "keras.json"
    try:
        says = json.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        says = None
    shown = file.as_posix().replace(Path.home().as_posix() + "/", "~/", 1)
    return {"file": shown, "says": says if isinstance(says, dict) else None}


def _asked(name: str, found: Signs) -> Backend:
    installed = _version(name)
    answer = Answer(failed="not installed") if installed is None else asking.ask(name)
    probe = seen(name, found, answer)
    # Where JAX fails over an accelerator, it is told of the CPU alone, and trains.
    trains = not answer.failed or (name == "jax" and installed is not None and worth_asking(found))
    return Backend(name, installed, answer, probe, plan(_plain(name), probe) if trains else None)


def _plain(backend: str) -> Config:
    config, problems = read(load_text(_PLAIN.format(backend=backend), "plain.yaml"), folder=Path(), written=b"")
    assert config is not None, problems
    return config


def _packages() -> dict[str, str]:
    """The versions of what computes; the libraries of accelerators too, where there are any."""
    core = {name: found for name in _CORE if (found := _version(name))}
    names = {str(one.metadata["Name"]): one.version for one in distributions() if one.metadata["Name"]}
    return core | {name: names[name] for name in sorted(names) if _ACCELERATORS.fullmatch(name.lower())}


def _missing() -> dict[str, str]:
    """nnrun's optional packages that are not here, by the name to install them with."""
    try:
        wanted_ = requires("nnrun") or []
    except PackageNotFoundError:  # it runs from its source
        return {}
    optional = (re.match(r"([\w.-]+).*;.*extra == [\"'](\w+)[\"']", line) for line in wanted_)
    found = {extra[2]: extra[1] for extra in optional if extra and extra[2] != "dev"}
    return {extra: f"pip install 'nnrun[{extra}]'" for extra, name in found.items() if _version(name) is None}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
