"""Which targets go with which input when its rows are changed: a mask, or a picture, is laid out like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnrun.training.answers import Answer

Shape = Sequence[int | None]


@dataclass(frozen=True)
class Beside:
    """A target that has to go with its row: a `mask` of classes or a `picture`, laid out like its input, or `mixed`."""

    output: str
    role: str


def role(shape: Shape, answer: Answer, target: Shape) -> str:
    """How a target goes with a row of this shape: see `Beside`."""
    picture = len(shape) == 3
    same = tuple(target[: len(shape) - 1]) == tuple(shape[:-1]) if picture else tuple(target[:1]) == tuple(shape[:1])
    if picture:
        laid_out = (len(target) in (2, 3) and same) or (len(target) == 3 and not answer.task.everywhere)
    else:
        laid_out = same and bool(answer.spec.copy or answer.task.everywhere or len(target) > 1)
    if not laid_out:
        return "mixed"
    return "mask" if answer.task.kind == "classes" else "picture"


def times(shape: Shape, target: Shape) -> tuple[int, int] | None:
    """How often a picture's height and width go into those of a target; None where they do not."""
    if len(shape) != 3 or len(target) not in (2, 3):
        return None
    pairs = list(zip(shape[:2], target[:2], strict=True))
    if any(not small or not large or large % small for small, large in pairs):
        return None
    height, width = ((large or 0) // (small or 1) for small, large in pairs)
    return height, width
