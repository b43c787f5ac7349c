"""A learned tensor that is the same for every row: a class token, positions."""

from __future__ import annotations

import string
from typing import Any

from nnrun.model import framework
from nnrun.model.layers._batch import ones


def Variable(shape: list[int], initializer: Any = "zeros", trainable: bool = True, name: str = "variable") -> Any:  # noqa: N802
    """A learned tensor that is the same for every row; it is called on nothing, and gives (batch, *shape).

    Args:
        shape: The shape of one row.
        initializer: How it begins.
        trainable: Whether it is trained.
        name: Its name.
    """
    # One input of ones times a kernel of (1, *shape) is the kernel itself, for each row: a layer that Keras has. The
    # initializer is asked for the shape as it is written: `identity` wants a square, others count inputs and outputs.
    keras = framework.keras()
    axes = string.ascii_lowercase[2 : 2 + len(shape)]
    layer = keras.layers.EinsumDense(
        f"ba,a{axes}->b{axes}",
        output_shape=tuple(shape),
        kernel_initializer="zeros",
        trainable=trainable,
        name=name,
    )
    first = keras.initializers.get(initializer)(tuple(shape))

    def called(tensor: Any) -> Any:
        made = layer.built
        given = layer(ones(tensor))
        if not made:
            layer.kernel.assign(first[None])
        return given

    return called
