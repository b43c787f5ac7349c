"""TimeDistributed: one layer at every step of time."""

from __future__ import annotations

from nnrun.config.spec import Spec
from nnrun.model.arithmetic.call import Call
from nnrun.model.arithmetic.registry import layer, output_shape, parameters
from nnrun.model.arithmetic.shape import Shape, ShapeError, Size


def _inner(call: Call) -> Spec | None:
    found = call.arguments.get("layer")
    return found if isinstance(found, Spec) else None


def _time_distributed_weights(call: Call) -> Size:
    inner = _inner(call)
    return None if inner is None else parameters(inner.name, inner.arguments, [call.shape[1:]])


@layer("TimeDistributed", weights=_time_distributed_weights)
def _time_distributed(call: Call) -> Shape | None:
    if len(call.shape) < 2:
        raise ShapeError(
            f"TimeDistributed needs rows of rank 2 or more (time, ...); got {call.shape}",
            "use the layer inside it alone, or put a Reshape before it",
        )
    inner = _inner(call)
    if inner is None:
        return None
    try:
        step = output_shape(inner.name, inner.arguments, [call.shape[1:]])
    except ShapeError as problem:
        raise ShapeError(f"inside TimeDistributed: {problem.what}", problem.hint) from None
    return (call.shape[0], *step) if isinstance(step, tuple) else None
