"""What every augmentation of ours is: a layer that draws from a generator of its own, as Keras' do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nnrun.model import framework


def layer(change: Callable[[Any, Any], Any], seed: int | None) -> Any:
    """A layer that gives `change(values, generator)`."""
    keras = framework.keras()

    class Augmentation(keras.layers.Layer):  # type: ignore[misc, name-defined]  # Keras has no types
        def __init__(self) -> None:
            super().__init__(dtype="float32")
            self.seed_generator = keras.random.SeedGenerator(seed)

        def call(self, values: Any) -> Any:
            return change(values, self.seed_generator)

    return Augmentation()


def by_row(numbers: Any, values: Any) -> Any:
    """A number for each row, in a shape that goes with the rows."""
    return framework.keras().ops.reshape(numbers, (-1, *[1] * (len(values.shape) - 1)))
