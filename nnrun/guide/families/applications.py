"""Applications: whole networks as one step, of Keras or trained before."""

from __future__ import annotations

from nnrun.catalogue import Component
from nnrun.guide.example import Config, digits

TITLE = "application, a whole network"
PLACE = "a step of `model.layers` or of a block"
USUAL = ("trained", "ResNet50", "EfficientNetB0", "MobileNetV2")


def example(component: Component) -> Config:
    """The network without its head, on pictures large enough, in three colours; without weights from the network.

    For one that was trained before, a run of the reader's.
    """
    if component.name == "trained":
        return digits({"trained": {"run": "my-run", "name": "base", "trainable": False}}, {"Dense": 16})
    return digits(
        {"Resizing": {"height": 96, "width": 96}},
        {"Concatenate": {"from": ["previous", "previous", "previous"]}},
        {component.name: {"include_top": False, "weights": None, "pooling": "avg"}},
    )
