"""How a target goes with its row: laid out like its input, at once or at a multiple of its size, or only mixed with it."""

from __future__ import annotations

from dataclasses import dataclass

from nnrun.training.answers import Answer

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Beside:
    """A target that has to go with its row: a `mask` of classes or a `picture`, laid out like its input, or `mixed`."""

    output: str
    role: str


def role(shape: Shape, answer: Answer, target: tuple[int, ...]) -> str:
    """How a target goes with a row of this shape: see `Beside`."""
    picture = len(shape) == 3
    same = target[: len(shape) - 1] == shape[:-1] if picture else target[:1] == shape[:1]
    if picture:
        laid_out = (len(target) in (2, 3) and same) or (len(target) == 3 and not answer.task.everywhere)
    else:
        laid_out = same and bool(answer.spec.copy or answer.task.everywhere or len(target) > 1)
    if not laid_out:
        return "mixed"
    return "mask" if answer.task.kind == "classes" else "picture"


def times(shape: Shape, target: Shape) -> tuple[int, int] | None:
    """How many pixels of a target lie along one of its input, down and across; None where it is no whole multiple."""
    if len(shape) != 3 or len(target) not in (2, 3):
        return None
    factors = []
    for whole, own in zip(shape[:2], target[:2], strict=True):
        if not whole or not own or own % whole:
            return None
        factors.append(own // whole)
    return factors[0], factors[1]
