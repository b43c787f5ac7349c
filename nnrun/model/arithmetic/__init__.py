"""Shapes and parameter counts of layers from their arguments alone, before TensorFlow is loaded.

A family of layers is a file; importing it here puts its rules into the registry.
"""

from nnrun.model.arithmetic import (  # noqa: F401 - imported for their rules
    attention,
    convolution,
    dense,
    elementwise,
    elementwise_operations,
    given,
    merge,
    normalization,
    pictures,
    pooling,
    product_operations,
    recurrent,
    resampling,
    reshaping,
    reshaping_operations,
    wrapping,
)
from nnrun.model.arithmetic.fixed import fixed
from nnrun.model.arithmetic.operations import OPERATIONS, Tensor, result, row_of
from nnrun.model.arithmetic.registry import Output, covers, output_shape, parameters
from nnrun.model.arithmetic.shape import Shape, ShapeError, Size, product, total
from nnrun.model.arithmetic.window import Window, receptive, window
from nnrun.model.arithmetic.work import multiply_adds

__all__ = [
    "OPERATIONS",
    "Output",
    "Shape",
    "ShapeError",
    "Size",
    "Tensor",
    "Window",
    "covers",
    "fixed",
    "multiply_adds",
    "output_shape",
    "parameters",
    "product",
    "receptive",
    "result",
    "row_of",
    "total",
    "window",
]
