"""How rough a predicted map is."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework
from nnrun.model.losses._rows import images, loss_of

TASK = "regression"


def EdgeSmoothness() -> Any:
    """The steps between neighbouring pixels of the prediction, which cost more where the true map has many edges.

    For each picture the mean of |step to the right| of the output times exp(mean of |step to the right| of the target),
    and the same downwards, added. It has no minimum at the target, so that it stands beside other losses, in a `Sum`.
    Source: the example of monocular depth estimation on keras.io, which takes its two weights from the whole batch
    where this one takes them from each picture.
    """
    ops = framework.keras().ops

    def mean_step(steps: Any, picture: Any) -> Any:
        """The mean absolute step of each picture; the last row or column has none and counts as 0."""
        pixels = ops.prod(ops.convert_to_tensor(ops.shape(picture)[1:]))
        return ops.sum(ops.abs(steps), axis=(1, 2, 3)) / ops.cast(pixels, steps.dtype)

    def edges(picture: Any) -> tuple[Any, Any]:
        right, down = picture[:, :, 1:] - picture[:, :, :-1], picture[:, 1:] - picture[:, :-1]
        return mean_step(right, picture), mean_step(down, picture)

    def values(truth: Any, output: Any) -> Any:
        truth, output = images(truth, output)
        return sum(found * ops.exp(true) for found, true in zip(edges(output), edges(truth), strict=True))

    return loss_of("edge_smoothness", values)
