"""One network learns from the answers of another that was trained before."""

from __future__ import annotations

from typing import Any

from nnrun.errors import SettingError
from nnrun.training.recipes._recipe import Distillation, Recipe


def distillation(teacher: Any, temperature: float = 3.0, student_loss_weight: float = 0.5) -> Recipe:
    """The network learns from the rows and from what a trained one, its teacher, answers for them.

    Beside its own loss it learns by Keras' LogitsDistillation, the divergence of its probabilities from the teacher's,
    both softened by the temperature. The teacher is frozen and computes as in inference; the run's model is the student
    alone. Source: G. Hinton, O. Vinyals, J. Dean, Distilling the Knowledge in a Neural Network (2015).

    Args:
        teacher: An earlier run, `{run: NAME}`, a file, `{file: model.keras}`, or the name of one of `models` that a
            phase before this one has trained.
        temperature: What logits are divided by; the higher, the more the unlikely classes count.
        student_loss_weight: The share of the student's own loss, 0 to 1; the rest is the teacher's.
    """
    if temperature <= 0:
        raise SettingError(f"temperature of distillation is {temperature}", expected="a number above 0")
    if not 0 <= student_loss_weight <= 1:
        what = f"student_loss_weight of distillation is {student_loss_weight}"
        raise SettingError(what, expected="a number from 0 to 1")
    return Recipe(distils=Distillation(teacher, temperature, student_loss_weight))
