"""Receptive fields: how much of the input one value of a convolutional model sees, reckoned along the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from nnrun.model import arithmetic
from nnrun.model.arithmetic.elementwise_operations import ELEMENTWISE, REDUCED
from nnrun.model.arithmetic.window import Window
from nnrun.model.shapes import Row, complete

# Each value hangs on the values at its own place alone.
_POINTWISE = frozenset(
    {
        *(
            "Activation",
            "ActivityRegularization",
            "Add",
            "AlphaDropout",
            "Average",
            "BatchNormalization",
            "Concatenate",
        ),
        *("Dense", "Dropout", "ELU", "GaussianDropout", "GaussianNoise", "Identity", "LayerNormalization", "LeakyReLU"),
        *("Maximum", "Minimum", "Multiply", "PReLU", "RMSNormalization", "ReLU", "Rescaling", "Softmax"),
        *("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "StochasticDepth", "Subtract"),
    }
)
# On an input they say which axes are places: of a text, of a picture that came as a line of numbers.
_BEGINNINGS = ("Embedding", "Reshape", "ops.reshape", "ops.expand_dims")
# What changes pictures does so in training alone.
_CHANGED = ("Random", "AutoContrast", "Equalization", "Solarization")
# Places stay where they are, or are put in between.
_RESAMPLED = ("UpSampling", "ZeroPadding", "Cropping")
# Each value hangs on every place.
_WHOLE = (
    "Flatten",
    "Global",
    "Adaptive",
    "Attention",
    "MultiHead",
    "GroupNorm",
    "LSTM",
    "GRU",
    "SimpleRNN",
    "Bidirect",
)


@dataclass(frozen=True)
class Field:
    """What one value sees, on each axis of space: `sizes` in places of the input, and `steps` to the next value.

    A size of None is all there is.
    """

    sizes: tuple[Fraction | None, ...]
    steps: tuple[Fraction, ...]

    def __str__(self) -> str:
        return " x ".join("all" if size is None else f"{float(size):g}" for size in self.sizes)


def fields(inputs: Mapping[str, Any], rows: Sequence[Row]) -> dict[str, Field | None]:
    """The field of every input and row that has axes of space; None where it is not known."""
    found: dict[str, Field | None] = {}
    for name, shape in inputs.items():
        found[name] = _beginning(shape)
    for row in rows:
        begins = row.layer in _BEGINNINGS and inputs.keys() >= set(row.sources) and isinstance(row.shape, tuple)
        before = [found.get(source) for source in row.sources]
        found[row.name] = _beginning(row.shape) if begins else _field(row, before)
    return found


def _beginning(shape: Any) -> Field | None:
    """Each value is a place of the input itself."""
    rank = len(shape) - 1 if shape is not None else 0
    return Field((Fraction(1),) * rank, (Fraction(1),) * rank) if rank > 0 else None


def _field(row: Row, before: Sequence[Field | None]) -> Field | None:
    given = [field for field in before if field is not None]
    if not given or len(given) < len(before) or not isinstance(row.shape, tuple):
        return None
    joined = _joined(given)
    arguments = complete(row.spec)
    windows = arithmetic.receptive(row.layer, arguments)
    if windows is not None:
        return _slid(joined, windows) if len(windows) == len(joined.sizes) else None
    if row.layer.startswith("UpSampling"):
        return _upsampled(joined, row, arguments)
    if row.layer.startswith(_RESAMPLED):
        return joined
    function = row.layer.removeprefix("ops.")
    if row.layer in _POINTWISE or row.layer.startswith(_CHANGED) or function in ELEMENTWISE:
        return joined
    if function in REDUCED and arguments.get("axis") == -1:
        return joined
    if function in REDUCED or any(word in row.layer for word in _WHOLE):
        rank = len(joined.sizes)
        return Field((None,) * rank, (Fraction(1),) * rank)
    return None


def _joined(given: Sequence[Field]) -> Field:
    """Several ways into one: it sees what the way sees that sees the most."""
    longest = max(given, key=lambda field: len(field.sizes))
    alike = [field for field in given if len(field.sizes) == len(longest.sizes)]
    sizes = tuple(
        None if None in ways else max(size for size in ways if size is not None)
        for ways in zip(*(field.sizes for field in alike), strict=True)
    )
    return Field(sizes, longest.steps)


def _slid(field: Field, windows: Sequence[Window]) -> Field | None:
    sizes, steps = [], []
    for size, step, (kernel, stride, dilation, _, transposed) in zip(field.sizes, field.steps, windows, strict=True):
        if kernel is None or stride is None or dilation is None:
            return None
        reach = (kernel - 1) * dilation
        if transposed:  # of the places that it steps over, one value sees those whose windows meet in it
            reach = -(-(reach + 1) // stride) - 1
        sizes.append(None if size is None else size + reach * step)
        steps.append(step / stride if transposed else step * stride)
    return Field(tuple(sizes), tuple(steps))


def _upsampled(field: Field, row: Row, arguments: Mapping[str, Any]) -> Field | None:
    factors = arguments.get("size")
    factors = [factors] * len(field.sizes) if isinstance(factors, int) else factors
    if not isinstance(factors, list) or len(factors) != len(field.sizes):
        return None
    beyond = 0 if row.layer == "UpSampling1D" or arguments.get("interpolation", "nearest") == "nearest" else 1
    sizes = [
        None if size is None else size + beyond * step for size, step in zip(field.sizes, field.steps, strict=True)
    ]
    return Field(tuple(sizes), tuple(step / factor for step, factor in zip(field.steps, factors, strict=True)))
