"""The slope of a network by what it is called on, for losses that look at it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nnrun.model import framework


def slopes(function: Callable[[Any], Any], x: Any) -> Any:
    """The gradient of the sum of `function(x)` by x, which may itself be differentiated."""
    if framework.backend() == "jax":
        ops = framework.keras().ops
        return framework.jax().grad(lambda given: ops.sum(function(given)))(x)
    with framework.tensorflow().GradientTape() as tape:
        tape.watch(x)
        value = function(x)
    return tape.gradient(value, x)
