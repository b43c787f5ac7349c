"""How near a picture is to another, in decibel."""

from __future__ import annotations

from typing import Any

from nnrun.model.metrics import Measure


def PSNR(max_value: float = 1.0, name: str = "psnr") -> Measure:
    """The peak signal-to-noise ratio, 10 log10(max_value^2 / mean squared error), a mean over the pictures.

    Args:
        max_value: The range of the pixels: 1 for pictures in 0..1, 255 for bytes.
        name: What it is logged as.
    """
    if max_value <= 0:
        raise ValueError("max_value is a number above 0")

    def of(truth: Any, output: Any) -> float:
        import numpy as np

        squares = np.square(truth.reshape(output.shape).astype("float64") - output)
        error = np.maximum(squares.reshape(len(squares), -1).mean(axis=1), 1e-20)  # of equal pictures it has no end
        return float(np.mean(10 * np.log10(max_value**2 / error)))

    return Measure(name, of, reads="numbers")
