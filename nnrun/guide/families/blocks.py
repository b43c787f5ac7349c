"""Blocks that nnrun ships: on pictures, or on rows of them for those of sequences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nnrun.catalogue import Component
from nnrun.config import library
from nnrun.guide.example import Config, digits, step

TITLE = "block that nnrun ships"
PLACE = "a step of `model.layers` or of a block, or under `model.losses`"
USUAL = ("residual", "transformer_encoder", "unet_down", "gaussian_kl")

_VALUES: dict[str, Any] = {"filters": 16, "units": 16, "size": 2, "heads": 2, "key_dim": 8}
_PICTURE: Any = {"Conv2D": {"filters": 16, "kernel_size": 3, "padding": "same"}}


def example(component: Component) -> Config:
    """The block after what makes rows of the shape that its family wants."""
    of_rows = Path(library.document(component.name).file).stem == "sequences"
    arguments = {item.name: _VALUES[item.name] for item in component.parameters if item.required}
    first = component.parameters[0].name if component.parameters else ""
    return digits({"Reshape": [8, 8]} if of_rows else _PICTURE, step(component.name, arguments, first), "Flatten")
