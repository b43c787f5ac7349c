"""The training step written out: forward, loss, gradients, update, in plain Python."""

from __future__ import annotations

from nnrun.errors import SettingError
from nnrun.training.recipes._recipe import Recipe


def gradient_tape(trace: int = 0) -> Recipe:
    """Trains the network of `model:` by a plain loop with `tf.GradientTape` in place of Keras' own step.

    It learns what a config without a recipe learns. The loop is there to be read (`docs/gradient_tape.md`) and to be
    watched. TensorFlow on one device only; where steps are short it takes longer than Keras' own.

    Args:
        trace: Of how many steps, from the first on, the loss, the gradients of each layer and how far they move its
            weights are shown and written to trace.csv. `--trace 3` is the same.
    """
    if trace < 0:
        raise SettingError(f"trace of gradient_tape is {trace}", expected="0 or more steps")
    return Recipe(by_tape=True, trace=trace)
