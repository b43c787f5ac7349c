"""Leaves out a whole branch of a residual network for some rows, while it is trained."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework


def StochasticDepth(rate: float, seed: int | None = None, name: str = "stochastic_depth") -> Any:  # noqa: N802
    """Sets all of a row to zero with a probability while it is trained (Huang and others 2016).

    It is Keras' Dropout with one draw for each row.

    Args:
        rate: The share of rows, from 0 to 1.
        seed: Of the draws.
        name: Its name.
    """
    made: dict[str, Any] = {}

    def stochastic_depth(tensor: Any) -> Any:
        if "layer" not in made:
            shape = (None, *[1] * (len(tensor.shape) - 1))
            made["layer"] = framework.keras().layers.Dropout(rate, noise_shape=shape, seed=seed, name=name)
        return made["layer"](tensor)

    return stochastic_depth
