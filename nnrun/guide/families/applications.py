"""Applications: whole networks of Keras as one step."""

from __future__ import annotations

from nnrun.catalogue import Component
from nnrun.guide.example import Config, digits

TITLE = "application, a network of Keras"
PLACE = "a step of `model.layers` or of a block"
USUAL = ("ResNet50", "EfficientNetB0", "MobileNetV2")


def example(component: Component) -> Config:
    """The network without its head, on pictures large enough, in three colours; without weights from the network."""
    return digits(
        {"Resizing": {"height": 96, "width": 96}},
        {"Concatenate": {"from": ["previous", "previous", "previous"]}},
        {component.name: {"include_top": False, "weights": None, "pooling": "avg"}},
    )
