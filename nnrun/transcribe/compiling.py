"""The section `compile` of a saved model, where the file says how it was compiled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun import catalogue
from nnrun.errors import DataError
from nnrun.transcribe.values import is_object, spec_of

_TAKEN = ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics")


def compile_of(config: Any) -> tuple[dict[str, Any], list[str]]:
    """The section as plain data, and what of it cannot be written."""
    if not isinstance(config, Mapping):
        return {}, []
    found: dict[str, Any] = {}
    left: list[str] = []
    for key in _TAKEN:
        value = config.get(key)
        if value in (None, [], {}):
            continue
        try:
            found[key] = _value(key, value)
        except DataError as error:
            left.append(f"{key}: {error.problems[0].what}")
    return found, left


def _value(key: str, value: Any) -> Any:
    slot = {"optimizer": "optimizers", "loss": "losses"}.get(key, "metrics")
    if is_object(value):
        return spec_of(value, slot)
    if isinstance(value, Mapping):
        return {str(name): _value(key, item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_value(key, item) for item in value if item is not None]
    if isinstance(value, str) and key != "loss_weights":
        return catalogue.canonical(slot, value) if slot != "metrics" and catalogue.canonical(slot, value) else value
    return value
