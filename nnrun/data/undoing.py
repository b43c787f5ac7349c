"""Rows of a model's one input between its form and the data's own: there by the fitted steps, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nnrun.config.spec import Spec
from nnrun.data.features import preparation_module
from nnrun.data.preparation import Preparation

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


def undone(preparation: Preparation, rows: Array) -> Array:
    """Rows as the model has them, in the data's own unit; as they are where a step cannot be undone."""
    steps = _steps(preparation)
    if not all(hasattr(preparation_module(step), "unapply") for step, _ in steps):
        return rows
    for step, state in reversed(steps):
        rows = preparation_module(step).unapply(rows, state)
    return rows.astype("float32")


def done(preparation: Preparation, rows: Array) -> Array:
    """Rows in the data's own unit, as the model has them."""
    for step, state in _steps(preparation):
        rows = preparation_module(step).apply(rows, state)
    return rows.astype("float32")


def _steps(preparation: Preparation) -> Sequence[tuple[Spec, Mapping[str, Any]]]:
    """The steps of the one input; none where it is an array as it is, or is put together of several."""
    entries = [
        pair for name, read in preparation.features.items() for pair in zip(read, preparation.states[name], strict=True)
    ]
    if len(entries) != 1:
        return []
    ((entry, states),) = entries
    return list(zip(entry.steps, states, strict=True))
