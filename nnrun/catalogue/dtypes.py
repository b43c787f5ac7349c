"""The dtypes of Keras, and the policies that a layer's `dtype` names: `float32`, `mixed_bfloat16`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from nnrun.catalogue import reader

# Keras has these in the code of DTypePolicy; a property test holds them.
_MIXED = {
    "mixed_bfloat16": "Computes in bfloat16 and keeps the weights in float32.",
    "mixed_float16": "Computes in float16 and keeps the weights in float32; the loss is scaled to keep its digits.",
}


@cache
def dtype_names() -> tuple[str, ...]:
    """Every dtype that Keras knows, in its own order."""
    return _constant("keras.src.backend.common.dtypes", "ALLOWED_DTYPES")


@cache
def policies() -> Mapping[str, str]:
    """Every word that a layer's `dtype` may be, with what it means."""
    quantized = _constant("keras.src.dtype_policies.dtype_policy", "QUANTIZATION_MODES")  # no layer is trained in these
    plain = [name for name in dtype_names() if not name.startswith(quantized)]
    return MappingProxyType(
        {**{name: f"Computes in {name} and keeps the weights in {name}." for name in plain}, **_MIXED}
    )


def _constant(module: str, name: str) -> tuple[str, ...]:
    """The texts that a module of Keras assigns to a name."""
    source = reader.load(module)
    found = source.constants.get(name) if source else None
    return tuple(ast.literal_eval(found)) if found is not None else ()
