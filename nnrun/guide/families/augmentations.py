"""Augmentations: layers of Keras and of ours that change training rows at random."""

from __future__ import annotations

from nnrun.catalogue import Component
from nnrun.guide.example import Config, digits, iris, step

TITLE = "augmentation of training rows"
PLACE = "`data.augment`"
USUAL = ("TimeShift", "TimeMasking")


def example(component: Component) -> Config:
    """The augmentation on a series or a spectrogram of one's own, or on pictures."""
    if component.parameter("factor") is None:
        return digits("Flatten", data={"augment": [component.name]})
    steps = [{"Conv1D": {"filters": 16, "kernel_size": 3, "activation": "relu"}}, "GlobalAveragePooling1D"]
    augment = [step(component.name, {"factor": 0.2}, "factor")]
    return iris(*steps, data={"source": {"npz": "signals.npz"}, "augment": augment})
