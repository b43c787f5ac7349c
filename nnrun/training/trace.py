"""What `--trace N` shows of the first N steps: the loss, and of each layer its gradients and its update."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nnrun.model import distribution, framework
from nnrun.training.job import Job
from nnrun.training.programs import Program
from nnrun.training.programs.tape import TapeProgram
from nnrun.training.recipes import recipe
from nnrun.training.steps import Steps

COLUMNS = ("step", "epoch", "loss", "layer", "gradient_norm", "weight_norm", "update_norm", "relative_update")

Array = np.ndarray[Any, Any]


def watch(job: Job, steps: Steps, program: Program) -> None:
    """Has the written-out step tell of its first steps, as many as the recipe of the config says."""
    if isinstance(program, TapeProgram) and job.config.recipe is not None:
        program.trace = Trace(job, steps, recipe(job.config.recipe).trace)


class Trace:
    """Tells and writes what happens in the steps up to the `last`, counted from 1 over all epochs.

    A norm is the root of the sum of squares over all weights of a layer that are trained; of gradients it is taken
    before the optimizer clips them. `relative_update` is the norm of what the step added by that of the weights before.
    """

    def __init__(self, job: Job, steps: Steps, last: int) -> None:
        self._job, self._steps, self._last = job, steps, last
        self._step = job.recorder.steps_done

    def before(self, model: Any) -> list[Array]:
        """The weights before a step; nothing once the last traced step is done."""
        self._step += 1
        return [distribution.value(weight) for weight in model.trainable_weights] if self._step <= self._last else []

    def after(self, model: Any, before: Sequence[Array], loss: Any, gradients: Sequence[Any]) -> None:
        """One step: its loss, and its gradients as the tape gave them."""
        if not before:
            return
        places = {id(weight): place for place, weight in enumerate(model.trainable_weights)}
        scale = float(model.optimizer.scale_loss(framework.tensorflow().ones(())))
        found = [np.zeros(1) if slope is None else _array(slope) / scale for slope in gradients]
        added = [distribution.value(weight) - old for weight, old in zip(model.trainable_weights, before, strict=True)]
        step = {"step": self._step, "epoch": self._steps.epoch + 1, "loss": float(loss)}
        rows = []
        for layer in model.layers:
            own = [places[id(weight)] for weight in layer.trainable_weights]
            if own:
                norms = [_norm([values[place] for place in own]) for values in (found, before, added)]
                told = dict(zip(("gradient_norm", "weight_norm", "update_norm"), norms, strict=True))
                relative = {"relative_update": norms[2] / norms[1]} if norms[1] else {}
                rows.append({**step, "layer": layer.name, **told, **relative})
        self._job.recorder.trace(COLUMNS, rows)
        self._job.progress.say(_told(rows))


def _array(gradient: Any) -> Array:
    """A gradient as an array; of an embedding it is only the rows that the batch has."""
    return np.asarray(framework.tensorflow().convert_to_tensor(gradient), np.float64)


def _norm(arrays: Sequence[Array]) -> float:
    return float(np.sqrt(sum(np.sum(np.square(array, dtype=np.float64)) for array in arrays)))


def _told(rows: Sequence[Mapping[str, Any]]) -> str:
    first = rows[0]
    width = max(len("layer"), *(len(row["layer"]) for row in rows))
    lines = [f"step {first['step']}, epoch {first['epoch']}: loss {first['loss']:.6g}"]
    lines.append(f"  {'layer':<{width}}  {'gradient norm':>13}  {'update / weights':>16}")
    for row in rows:
        relative = f"{row['relative_update']:.3e}" if "relative_update" in row else "from zero"
        lines.append(f"  {row['layer']:<{width}}  {row['gradient_norm']:>13.4e}  {relative:>16}")
    return "\n".join(lines)
