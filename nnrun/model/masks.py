"""Keras' masks: which steps of an output do not count, as the compiled loss and metrics of `fit` know it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.model import framework


def masker(model: Any, names: tuple[str, ...]) -> Any:
    """A model of the same inputs that gives the masks, by the names of the outputs that have one; None without."""
    keras = framework.keras()
    given = getattr(model, "_outputs_struct", None)  # as it was built: by name, or one alone
    tensors = given if isinstance(given, Mapping) else {names[0]: model.outputs[0]}
    found = {name: keras.src.backend.get_keras_mask(tensor) for name, tensor in tensors.items()}
    masked = {name: mask for name, mask in found.items() if mask is not None}
    return keras.Model(model.inputs, masked) if masked else None


def masked(values: Any, mask: Any) -> Any:
    """Values of an output as a tensor that carries its mask; as they are where there is none."""
    if mask is None:
        return values
    keras = framework.keras()
    tensor = keras.ops.convert_to_tensor(values)
    keras.src.backend.set_keras_mask(tensor, mask=keras.ops.convert_to_tensor(mask))
    return tensor
