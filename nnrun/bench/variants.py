"""What is compared: a backend with a precision, and what was found out about it."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from nnrun.config.sections import RuntimeSection
from nnrun.errors import UsageError, did_you_mean, one_of


@dataclass(frozen=True)
class Variant:
    """One way to compute the same config."""

    backend: str
    precision: str

    def __str__(self) -> str:
        return f"{self.backend} with {self.precision}"

    @property
    def overrides(self) -> list[str]:
        """The variant as `-s` takes it."""
        return [f"runtime.backend={self.backend}", f"runtime.precision={self.precision}"]

    @property
    def yaml(self) -> str:
        """The variant as a config says it."""
        return f"runtime:\n  backend: {self.backend}\n  precision: {self.precision}"


@dataclass(frozen=True)
class Measurement:
    """What a variant took; times in seconds, memory in bytes.

    `start` is from the start of the process to the end of its first steps; `step` and `epoch` are medians without
    what is compiled. `losses` are pairs of steps done and the mean loss of their epoch so far.
    """

    device: str
    start: float
    step: float
    epoch: float
    rows_per_second: float
    memory: int
    device_memory: int | None
    losses: tuple[tuple[int, float], ...]

    def after(self, epochs: int) -> float:
        """How long a training of so many epochs takes, about."""
        return self.start + epochs * self.epoch

    def loss_after(self, steps: int) -> float:
        """The loss of the epoch so far after so many steps, or at the last moment before that was noted."""
        return next((loss for done, loss in reversed(self.losses) if done <= steps), self.losses[0][1])


@dataclass(frozen=True)
class Result:
    """A variant with its measurement, or with the reason why there is none."""

    variant: Variant
    measurement: Measurement | None
    failed: str = ""


def variants(
    own: Variant, backends: Sequence[str] = (), precisions: Sequence[str] = ()
) -> tuple[list[Variant], dict[str, str]]:
    """What there is to compare, the config's own first, and the backends that are missing with the way to get them.

    `backends` and `precisions` restrict it; the config's own variant is always there.
    """
    chosen = _chosen("backend", backends), _chosen("precision", precisions)
    missing = {
        backend: f"pip install 'nnrun[{backend}]'" for backend in chosen[0] if importlib.util.find_spec(backend) is None
    }
    found = [Variant(*pair) for pair in itertools.product(*chosen) if pair[0] not in missing]
    return list(dict.fromkeys([*([own] if own.backend not in missing else []), *found])), missing


def _chosen(key: str, names: Sequence[str]) -> tuple[Any, ...]:
    known = get_args(RuntimeSection.model_fields[key].annotation)
    for name in names:
        if name not in known:
            raise UsageError(f"there is no {key} {name!r}", expected=one_of(known), hint=did_you_mean(name, known))
    return tuple(names) or known
