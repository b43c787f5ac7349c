"""Layers: a step that suits the layer, after what makes rows of the shape that it wants."""

from __future__ import annotations

import re
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Component
from nnrun.guide.example import Config, digits, iris, step

TITLE = "layer"
PLACE = "a step of `model.layers` or of a block, or under `model.outputs`"
USUAL = ("Dense", "Conv2D", "LSTM", "Dropout")

_MERGES = ("Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract")
_COLOURED = ("AugMix", "RandAugment", "RandomColor", "RandomGrayscale", "RandomHue", "RandomSaturation")
_RELU = {"Dense": {"units": 16, "activation": "relu"}}
_SELU = {"Dense": {"units": 16, "activation": "selu", "kernel_initializer": "LecunNormal"}}
_ROWS = {"Reshape": [8, 8]}  # of a picture, as steps of time
_COLOURS = {"Concatenate": {"from": ["image", "image", "image"]}}  # grey as red, green and blue
_SPACES = {1: [_ROWS], 2: [], 3: [{"Reshape": [4, 4, 4, 1]}]}
_FILMS = {1: [4, 4, 4], 2: [4, 4, 4, 1], 3: [2, 4, 4, 2, 1]}

# The value that a required argument has in an example.
_VALUES: dict[str, Any] = {
    "units": 16, "filters": 16, "kernel_size": 3, "pool_size": 2, "output_size": 2, "rate": 0.3, "stddev": 0.1,
    "height": 6, "width": 6, "factor": 0.2, "height_factor": 0.1, "width_factor": 0.1, "n": 4, "max_number": 10,
    "num_heads": 2, "key_dim": 8, "head_dim": 8, "num_query_heads": 4, "num_key_value_heads": 2, "activation": "relu",
}  # fmt: skip


def example(component: Component) -> Config:
    """A config with the layer, whose rows are vectors again before the task's head."""
    wanted = [item.name for item in component.parameters if item.required or item.name == "pool_size"]
    arguments = {name: _VALUES[name] for name in wanted}
    first = catalogue.first_parameter(component)
    used = step(component.name, arguments, first.name if first else "")
    takes = {parameter.name for parameter in component.call}
    space = re.search(r"(\d)D", component.name)
    if component.name in _MERGES:
        return iris(*_branches(), {component.name: {"from": ["left", "right"]}})
    if "query" in takes or "return_attention_scores" in takes:
        rows = {"Reshape": {"target_shape": [8, 8], "name": "rows"}}
        return digits(rows, {component.name: {**arguments, "from": ["rows", "rows"]}}, "Flatten")
    if "data" in takes:
        return digits(*([_COLOURS] if component.name.startswith(_COLOURED) else []), used, "Flatten")
    if "sequences" in takes:
        if space is None:
            return digits(_ROWS, used)
        return digits({"Reshape": _FILMS[int(space[1])]}, {component.name: {"filters": 4, "kernel_size": 2}}, "Flatten")
    if space:
        behind = [] if component.name.startswith("Global") else ["Flatten"]
        return digits(*_SPACES[int(space[1])], used, *behind)
    before = _SELU if component.name == "AlphaDropout" else _RELU
    return digits("Flatten", before, used)


def _branches() -> list[Any]:
    """Two tensors of one length."""
    return [
        {"Dense": {"units": 16, "activation": "relu", "name": "left"}},
        {"Dense": {"units": 16, "activation": "tanh", "from": "table", "name": "right"}},
    ]
