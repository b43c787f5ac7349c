"""Weights that begin as an array of the data, such as vectors of words."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework


def forget(layer: Any) -> None:
    """Lets go of the arrays that a built layer began with, so that a saved model holds its weights alone."""
    initializers = framework.keras().initializers
    for name, found in list(vars(layer).items()):
        if isinstance(found, initializers.Constant) and hasattr(found.value, "shape"):
            setattr(layer, name, initializers.Zeros())
