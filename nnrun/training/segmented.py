"""Held-out pictures with the true and the predicted class of every pixel, for the eye."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnrun.training.answers import Answer
from nnrun.training.job import Job, Outcome
from nnrun.training.material import Material

Array = np.ndarray[Any, Any]

PICTURES = 6
SIDE = 160  # of a picture; of larger ones every second, third, ... pixel


def segmented(job: Job, material: Material, outcome: Outcome) -> dict[str, Array]:
    """The arrays of `segmentation.npz`, from the picture with the lowest overlap to that with the highest.

    None where no output has a class for every pixel of a picture, and none for a fold.
    """
    part = outcome.last
    pictures = [name for name, shape in material.shapes.items() if len(shape) == 3]
    found = next(((name, answer) for name, answer in material.answers.items() if answer.task.everywhere), None)
    if job.fold is not None or part is None or found is None or not pictures:
        return {}
    name, answer = found
    truth = part.truths[name]
    truth = truth[..., 0] if truth.ndim == 4 else truth
    size = truth.shape[1:]
    if tuple(material.shapes[pictures[0]])[:2] != size or part.outputs[name].shape[1:3] != size:
        return {}
    predicted = np.stack([_classes(answer, output) for output in part.outputs[name]])
    overlaps = np.array([overlap(*pair, len(answer.target.classes)) for pair in zip(truth, predicted, strict=True)])
    order = np.argsort(overlaps, kind="stable")
    chosen = order[np.unique(np.linspace(0, len(order) - 1, PICTURES).round().astype(int))]
    x, _ = material.batch(np.asarray(part.rows[chosen]))
    step = -(-max(size) // SIDE)
    return {
        "part": np.asarray(part.name),
        "rows": np.asarray(part.rows[chosen]),
        "pictures": np.asarray(x[pictures[0]] if isinstance(x, dict) else x)[:, ::step, ::step].astype(np.float16),
        "truth": truth[chosen, ::step, ::step].astype(np.uint16),
        "predicted": predicted[chosen, ::step, ::step].astype(np.uint16),
        "overlaps": overlaps[chosen],
        "classes": np.asarray(answer.target.classes),
    }


def overlap(truth: Array, predicted: Array, num_classes: int) -> float:
    """The mean of intersection over union, of the classes that are in either."""
    pairs = np.bincount(truth.astype(np.int64).ravel() * num_classes + predicted.ravel(), minlength=num_classes**2)
    table = pairs.reshape(num_classes, num_classes)
    union = table.sum(axis=0) + table.sum(axis=1) - table.diagonal()
    return float((table.diagonal()[union > 0] / union[union > 0]).mean())


def _classes(answer: Answer, output: Array) -> Array:
    """The class of every pixel of one picture (height, width, units), one unit being the share of the second class."""
    if output.shape[-1] > 1:
        return np.asarray(output.argmax(axis=-1))
    return np.asarray(output[..., 0] > (0 if answer.from_logits else 0.5)).astype(np.int64)
