"""How many of a layer's parameters no optimizer changes: statistics, and what is frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nnrun.config.spec import Spec
from nnrun.model.arithmetic.call import Call
from nnrun.model.arithmetic.normalization import statistics
from nnrun.model.arithmetic.registry import parameters
from nnrun.model.arithmetic.shape import Shape, Size, total


def fixed(name: str, arguments: Mapping[str, Any], shapes: Sequence[Shape | None]) -> Size:
    """The parameters that are not trained, of those that `parameters` counts; None where that is not known."""
    count = parameters(name, arguments, shapes)
    if not count or arguments.get("trainable") is False:
        return count
    known = tuple(shape for shape in shapes if shape is not None)
    if name == "BatchNormalization":
        return statistics(Call(name, arguments, known))
    if name == "Normalization":
        return count
    if name in ("TimeDistributed", "Bidirectional"):
        return _wrapped(name, arguments, known)
    if arguments.get("lora_rank"):  # the large matrix rests, two thin ones learn
        return parameters(name, {**arguments, "lora_rank": None, "use_bias": False}, shapes)
    return 0


def _wrapped(name: str, arguments: Mapping[str, Any], shapes: tuple[Shape, ...]) -> Size:
    forward = arguments.get("layer")
    inner = [forward]
    if name == "Bidirectional":
        inner.append(arguments.get("backward_layer") or forward)
    else:
        shapes = tuple(shape[1:] for shape in shapes)
    return total(*(fixed(spec.name, spec.arguments, shapes) if isinstance(spec, Spec) else None for spec in inner))
