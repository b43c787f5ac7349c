"""What a training is made of at one moment, in plain data and arrays: put back, it goes on to the same bits."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnrun.storage.snapshots import Snapshot
from nnrun.training import variables

Array = np.ndarray[Any, Any]
Arrays = Mapping[str, Array]

_KERAS_OWN = ("_model", "params", "validation_data")  # of every callback, set by each fit


@dataclass(frozen=True)
class State:
    """`epoch` epochs are done, and `step` steps of the next one.

    `variables` are those of the model, its optimizer and its metrics; `callbacks` the counters of each callback;
    `recorded` what the recorder and the steps have to know.
    """

    epoch: int
    step: int
    stopped: bool
    variables: Arrays
    counters: Sequence[Mapping[str, Any]]
    arrays: Arrays
    recorded: Mapping[str, Any]

    @classmethod
    def capture(
        cls, model: Any, callbacks: Sequence[Any], epoch: int, step: int, recorded: Mapping[str, Any],
        metrics: Arrays | None = None,
    ) -> State:  # fmt: skip
        """The present state; `metrics` replaces values that Keras has reset since the last training step."""
        counters, arrays = _counters(callbacks)
        present = variables.values(model) | dict(metrics or {})
        return cls(epoch, step, bool(model.stop_training), present, counters, arrays, recorded)

    @classmethod
    def of(cls, snapshot: Snapshot) -> State:
        """The state that a snapshot holds."""
        data = snapshot.data("state")
        stored, arrays = snapshot.arrays("variables"), snapshot.arrays("callbacks")
        where = data["epoch"], data["step"], data["stopped"]
        return cls(*where, stored, data["callbacks"], arrays, data["recorded"])

    @property
    def data(self) -> dict[str, Any]:
        """All that is no array, as `of` reads it."""
        return {
            "epoch": self.epoch,
            "step": self.step,
            "stopped": self.stopped,
            "callbacks": list(self.counters),
            "recorded": dict(self.recorded),
        }

    def restore(self, model: Any, callbacks: Sequence[Any]) -> None:
        """Puts everything back, after the callbacks have reset themselves."""
        variables.set_values(model, self.variables)
        for place, (callback, counters) in enumerate(zip(callbacks, self.counters, strict=True)):
            for name, value in counters.items():
                setattr(callback, name, value)
            for name in dict.fromkeys(key.split("/")[1] for key in self.arrays if key.startswith(f"{place}/")):
                kept = [self.arrays[key] for key in sorted(self.arrays) if key.startswith(f"{place}/{name}/")]
                setattr(callback, name, kept or self.arrays[f"{place}/{name}"])


def finite(values: Arrays) -> bool:
    """Whether every floating-point value is finite."""
    kinds = "fV"  # bfloat16 is V to numpy, with an isfinite of its own
    return all(bool(np.isfinite(value).all()) for value in values.values() if value.dtype.kind in kinds)


def _counters(callbacks: Sequence[Any]) -> tuple[list[dict[str, Any]], dict[str, Array]]:
    """What a callback has counted: its attributes less those that its constructor was given."""
    counters: list[dict[str, Any]] = []
    arrays: dict[str, Array] = {}
    for place, callback in enumerate(callbacks):
        given = inspect.signature(type(callback).__init__).parameters
        own: dict[str, Any] = {}
        for name, value in vars(callback).items():
            if name in given or name in _KERAS_OWN:
                continue
            if value is None or isinstance(value, bool | int | float | str):
                own[name] = value
            elif isinstance(value, np.generic) or (hasattr(value, "shape") and value.shape == ()):
                own[name] = np.asarray(value).item()
            elif isinstance(value, np.ndarray):
                arrays[f"{place}/{name}"] = value
            elif isinstance(value, list | tuple) and value and all(isinstance(item, np.ndarray) for item in value):
                arrays |= {f"{place}/{name}/{number:04}": item for number, item in enumerate(value)}
        counters.append(own)
    return counters, arrays
