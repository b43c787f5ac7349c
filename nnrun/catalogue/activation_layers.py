"""Activations that take arguments, as layers: of a function with arguments Keras would save only the name."""

from __future__ import annotations

from collections.abc import Mapping

LAYERS: Mapping[str, str] = {
    "elu": "ELU",
    "leaky_relu": "LeakyReLU",
    "relu": "ReLU",
    "softmax": "Softmax",
}
