"""The training step written out: forward, loss, gradients, update, in plain Python."""

from __future__ import annotations

from nnrun.training.recipes._recipe import Recipe


def gradient_tape() -> Recipe:
    """Trains the network of `model:` by a plain loop with `tf.GradientTape` in place of Keras' own step.

    It learns what a config without a recipe learns. The loop is there to be read (`docs/gradient_tape.md`) and watched:
    `nnrun train CONFIG --trace 3` shows of the first three steps the loss, the gradients of each layer and how far
    they move its weights. TensorFlow on one device only; it takes a few times longer where steps are short.
    """
    return Recipe(by_tape=True)
