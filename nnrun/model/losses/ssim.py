"""How unlike two pictures look."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.losses._rows import images, loss_of

TASK = "regression"


def SSIM(
    max_value: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Any:
    """One less the structural similarity of two pictures: means, contrasts and structure in small windows, compared.

    For windows with the means m, the variances v and the covariance c of both pictures it is the mean of
    (2 m1 m2 + a) (2 c + b) / ((m1^2 + m2^2 + a) (v1 + v2 + b)), with a = (k1 max_value)^2 and b = (k2 max_value)^2;
    the pixels of a window are weighed by a Gaussian. Source: Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, Image
    Quality Assessment: From Error Visibility to Structural Similarity, IEEE Transactions on Image Processing 13
    (2004).

    Args:
        max_value: The range of the pixels: 1 for pictures in 0..1, 255 for bytes.
        filter_size: The height and width of a window; pictures are at least as large.
        filter_sigma: The standard deviation of its Gaussian, in pixels.
        k1: Keeps dark windows stable.
        k2: Keeps flat windows stable.
    """
    import numpy as np

    ops = framework.keras().ops
    places = np.arange(filter_size) - (filter_size - 1) / 2
    weights = np.exp(-(places**2) / (2 * filter_sigma**2))
    weights = (weights / weights.sum()).astype("float32")
    dark, flat = (k1 * max_value) ** 2, (k2 * max_value) ** 2

    def windows(picture: Any) -> Any:
        """The weighed mean of every window: the Gaussian of a square is one of rows, then one of columns."""
        kernel = np.tile(weights.reshape(-1, 1, 1, 1), (1, 1, picture.shape[-1], 1))
        for turned in (kernel, kernel.transpose(1, 0, 2, 3)):
            picture = ops.depthwise_conv(picture, turned, padding="valid", data_format="channels_last")
        return picture

    def values(truth: Any, output: Any) -> Any:
        truth, output = images(truth, output, filter_size)
        mean1, mean2 = windows(truth), windows(output)
        products, squares = mean1 * mean2, ops.square(mean1) + ops.square(mean2)
        covariance = windows(truth * output) - products
        variances = windows(ops.square(truth) + ops.square(output)) - squares
        return 1 - (2 * products + dark) / (squares + dark) * (2 * covariance + flat) / (variances + flat)

    return loss_of("ssim", values)


def problem(
    max_value: float = 1.0, filter_size: int = 11, filter_sigma: float = 1.5, k1: float = 0.01, k2: float = 0.03
) -> str:
    """What is wrong with the arguments."""
    if min(max_value, filter_size, filter_sigma) <= 0:
        return "max_value, filter_size and filter_sigma are above 0"
    return "" if min(k1, k2) > 0 else "k1 and k2 are above 0: without them a flat window divides by zero"
