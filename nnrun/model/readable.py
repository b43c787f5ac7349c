"""What of a model belongs in a file that plain Keras opens, on a machine that has no nnrun."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def readable_anywhere(model: Any) -> Iterator[None]:
    """While a model is saved: how it was compiled is left out where that names a loss or anything else of ours,
    or of a person's own file, or where variables learn that are no weights of a layer.

    The file then opens in plain Keras, not compiled.
    """
    if "'module': 'nnrun" not in repr(model.get_compile_config()) and not model._trainable_variables:
        yield
        return
    model.get_compile_config = dict
    try:
        with of_layers_alone(model):
            yield
    finally:
        del model.get_compile_config


@contextmanager
def of_layers_alone(model: Any) -> Iterator[None]:
    """While a model is saved or loaded: its variables are those of its layers, as in the file."""
    others = list(model._trainable_variables)
    model._trainable_variables.clear()
    try:
        yield
    finally:
        model._trainable_variables.extend(others)
