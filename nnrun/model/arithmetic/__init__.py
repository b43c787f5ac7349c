"""Shapes and parameter counts of layers from their arguments alone, before TensorFlow is loaded.

A family of layers is a file; importing it here puts its rules into the registry.
"""

from nnrun.model.arithmetic import (  # noqa: F401 - imported for their rules
    attention,
    convolution,
    dense,
    elementwise,
    given,
    merge,
    normalization,
    pooling,
    recurrent,
    resampling,
    reshaping,
    wrapping,
)
from nnrun.model.arithmetic.registry import Output, covers, output_shape, parameters
from nnrun.model.arithmetic.shape import Shape, ShapeError, Size
from nnrun.model.arithmetic.window import Window, receptive, window

__all__ = [
    "Output",
    "Shape",
    "ShapeError",
    "Size",
    "Window",
    "covers",
    "output_shape",
    "parameters",
    "receptive",
    "window",
]
