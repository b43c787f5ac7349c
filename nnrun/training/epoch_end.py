"""The metrics of whole parts, of the validation rows at the end of an epoch: `val_f1_score` beside Keras' own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnrun.model import framework
from nnrun.training.answers import Answer
from nnrun.training.feeds import validation_batch_size, watched
from nnrun.training.job import Job
from nnrun.training.material import Material
from nnrun.training.network import Network
from nnrun.training.predicting import predict
from nnrun.training.score import measured


def names(answers: Mapping[str, Answer], *, several: bool) -> list[str]:
    """What is logged beside the names of Keras."""
    told = [(f"{name}_" if several else "", measure.name) for name, a in answers.items() for measure in a.measures]
    return [f"val_{prefix}{name}" for prefix, name in told]


def measuring(job: Job, material: Material, network: Network) -> Any:
    """A Keras callback that adds these metrics to an epoch's logs, so that callbacks behind it may choose by them."""
    rows = watched(job)
    most = job.config.fit.others.get("validation_steps")
    rows = rows[: most * validation_batch_size(job.config)] if most else rows

    class Measuring(framework.keras().callbacks.Callback):  # type: ignore[misc]  # Keras has no types
        def __init__(self) -> None:
            super().__init__()
            self.found: dict[str, float] = {}

        def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            self.found = {}

        def on_test_end(self, logs: Mapping[str, Any] | None = None) -> None:
            """The model is still as it was evaluated: callbacks behind this one take averaged weights out again."""
            outputs = predict(network, material, material.x(rows), len(rows))
            seen = rows[: len(next(iter(outputs.values())))]
            truths: Mapping[str, np.ndarray[Any, Any]] = material.y(seen)
            for name, answer in material.answers.items():
                prefix = f"val_{name}_" if material.is_several else "val_"
                values = measured(answer, truths[name], outputs[name])
                self.found |= {prefix + key: value for key, value in values.items()}

        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            if logs is not None:
                logs.update(self.found)

    return Measuring()
