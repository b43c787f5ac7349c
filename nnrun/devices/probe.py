"""What a machine has to compute on, as one backend sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = ("cpu", "gpu", "tpu")


@dataclass(frozen=True)
class Probe:
    """The devices of a machine for one backend, by name; `sought` says what was looked for, and what came of it.

    A CPU counts as one device, however many processors it has; `processors` are those.
    """

    backend: str
    processors: int = 1
    gpus: tuple[str, ...] = ()
    tpus: tuple[str, ...] = ()
    sought: Mapping[str, str] = field(default_factory=dict)  # "gpu": "TensorFlow sees none", "tpu": "TPU_NAME is not set"

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
