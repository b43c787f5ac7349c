"""A network that learns from a trained one: the recipe `distillation` on a compiled model.

Keras' own Distiller knows no weights of rows, no regularizers and no outputs by name, and would be the model that is
saved. So its loss, LogitsDistillation, stands beside what the student learns by anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nnrun.model import framework
from nnrun.training import objective
from nnrun.training.recipes import Distillation

LEAST = 1e-37  # of a softmax in float32, so that its logarithm is a number


@dataclass(frozen=True)
class Teacher:
    """A trained Keras model, and whether its output is logits or their softmax or sigmoid."""

    model: Any
    gives_logits: bool


def distil(model: Any, teacher: Teacher, how: Distillation, *, gives_logits: bool) -> None:
    """Has a compiled model learn from its teacher too; `gives_logits` is said of the model's own output."""
    keras = framework.keras()
    # Its default, the text "kl_divergence", becomes a function that it does not know as the divergence: it would
    # compare the logits themselves (Keras 3.15.1).
    divergence, ops = keras.losses.KLDivergence(), keras.ops
    loss = keras.distillation.LogitsDistillation(temperature=float(how.temperature), loss=divergence)
    means = [keras.metrics.Mean(name=name) for name in how.logged]

    def compute(own: Any, x: Any, y: Any, y_pred: Any) -> Any:  # noqa: ARG001
        student = own()
        answered = _logits(teacher.model(x, training=False), gives_logits=teacher.gives_logits)
        answered = ops.stop_gradient(answered)  # it may share layers with its student
        distilled = loss.compute_loss(answered, _logits(y_pred, gives_logits=gives_logits))
        rows = ops.shape(y_pred)[0]
        for mean, value in zip(means, (student, distilled), strict=True):
            mean.update_state(value, sample_weight=rows)
        share = how.student_loss_weight
        return ops.add(ops.multiply(share, student), ops.multiply(1.0 - share, distilled))

    objective.put(model, compute, means)


def _logits(output: Any, *, gives_logits: bool) -> Any:
    """A logit for each class. Of probabilities it is the logarithm, whose softmax gives them back."""
    ops = framework.keras().ops
    output = ops.cast(output, "float32")
    if output.shape[-1] == 1:  # of the second of two classes; the first has the logit 0
        if not gives_logits:
            least = framework.keras().config.epsilon()
            output = ops.clip(output, least, 1.0 - least)
            output = ops.subtract(ops.log(output), ops.log(1.0 - output))
        return ops.concatenate([ops.zeros_like(output), output], axis=-1)
    return output if gives_logits else ops.log(ops.maximum(output, LEAST))
