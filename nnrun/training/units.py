"""In which unit losses and metrics are, where a target goes through preparations before the loss reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.training.answers import Answer


def units(answers: Mapping[str, Answer]) -> dict[str, Any]:
    """For metrics.json: of every output whose target is prepared, the unit of its metrics and that of its loss."""
    told = {}
    for name, answer in answers.items():
        transform = answer.target.transform
        if transform is not None and answer.task.kind == "number":
            own = transform.unit or (", ".join(transform.entry.columns) if transform.inverts else transform.told)
            told[name] = {"metrics": own, "loss": transform.unit or transform.told}
    return {"unit": told} if told else {}


def in_learned_unit(name: str, answers: Mapping[str, Answer], several: bool) -> bool:
    """Whether a score of `fit` is in another unit than the same score of held-out rows: there, metrics are undone."""
    if name == "loss" or name.endswith("_loss"):
        return False
    for output, answer in answers.items():
        transform = answer.target.transform
        undone = transform is not None and transform.undone and answer.task.kind == "number"
        if undone and (not several or name.startswith(f"{output}_")):
            return True
    return False
