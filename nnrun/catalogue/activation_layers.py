"""Activations that take arguments: as layers, which Keras saves; of a function with arguments it would save only the name."""

from __future__ import annotations

from collections.abc import Mapping

LAYERS: Mapping[str, str] = {
    "elu": "ELU",
    "leaky_relu": "LeakyReLU",
    "relu": "ReLU",
    "softmax": "Softmax",
}
