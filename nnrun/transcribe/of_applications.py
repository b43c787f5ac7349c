"""Layers that only Keras' applications have, and no catalogue names, said by what they compute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.transcribe.block import Block


def scale(config: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """`LayerScale` of ConvNeXt, a learned number for each channel: a depthwise convolution of one pixel."""
    begin = {"Constant": config["init_values"]}
    return "DepthwiseConv2D", {"kernel_size": 1, "use_bias": False, "depthwise_initializer": begin}


def residual(config: Mapping[str, Any], blocks: dict[str, Block]) -> tuple[str, dict[str, Any]]:
    """`CustomScaleLayer` of InceptionResNetV2: a tensor and a share of another."""
    steps = [{"Rescaling": {"scale": "$scale", "from": "residual"}}, {"Add": {"from": ["input", "previous"]}}]
    blocks.setdefault("scaled_sum", Block(None, steps, ("input", "residual"), ("scale",)))
    return "scaled_sum", {"scale": config["scale"]}
