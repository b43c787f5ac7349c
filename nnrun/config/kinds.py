"""Kinds of plain values: whether a value of the YAML fits a parameter, and how a message names it."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Parameter
from nnrun.config import counts, guess
from nnrun.config.references import Reference
from nnrun.errors import did_you_mean

KINDS: Mapping[str, str] = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "a text",
    "integers": "a whole number, or a list of them",
    "shape": "a list of whole numbers",
    "tensor": "a number, or a list of numbers; a tensor comes with from",
    "tensors": "tensors come with from",
    "steps": "a number of steps, or of epochs: 500, or 10 epochs",
    "boundaries": "a list of numbers of steps, or of epochs: [500, 20 epochs]",
    "dtype": "a dtype, such as float32 or int64",
    "policy": "a dtype, such as float32, or mixed_float16 or mixed_bfloat16",
}


def kind_hint(value: Any, parameter: Parameter) -> str:
    """How to mend a text where a number, a switch, a dtype or a count is wanted."""
    if parameter.kind == "boundaries":
        items = value if isinstance(value, list) else []
        return next((counts.hint(item) for item in items if not counts.is_count(item)), "write a list")
    if parameter.kind == "steps":
        return counts.hint(value)
    if not isinstance(value, str):
        return ""
    if parameter.kind in ("dtype", "policy"):
        return did_you_mean(value, _dtypes(parameter.kind))
    if parameter.kind == "boolean":
        return switch_hint(value)
    return "write it without quotes" if fits(number_of(value), parameter) else ""


def switch_hint(value: Any) -> str:
    """How to mend a text where true or false is wanted."""
    if not isinstance(value, str):
        return ""
    if value.lower() in ("yes", "no", "on", "off"):
        return "yes, no, on and off are texts in YAML 1.2"
    return "write it without quotes" if value.lower() in ("true", "false") else ""


def number_of(text: str) -> Any:
    """The number that a text in quotes holds, or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else number


def is_number(value: Any) -> bool:
    """Whether it is a number that a float can hold; NaN, true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return not math.isnan(value) if isinstance(value, float) else abs(value) <= sys.float_info.max


def shown(value: Any) -> str:
    """A value of the YAML in the words of a message."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text {value[:60]!r}"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        text = guess.flow(value)
        return f"the list {text}" if len(text) <= 60 else f"a list of {len(value)}"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:20]}... ({len(text)} digits)"


def _whole(value: Any) -> bool:
    return isinstance(value, Reference) or (isinstance(value, int) and not isinstance(value, bool))


def _dtypes(kind: str) -> tuple[str, ...]:
    """The words of a parameter that takes a dtype; what computes in one and stores in another is a policy."""
    return catalogue.names("dtype_policies") if kind == "policy" else catalogue.dtype_names()


def _numbers(value: Any) -> bool:
    """Whether it is a number, true or false, or a list of them, or of lists of them."""
    if isinstance(value, list):
        return all(_numbers(item) for item in value)
    return isinstance(value, bool | Reference) or is_number(value)


def fits(value: Any, parameter: Parameter) -> bool:
    """Whether a plain YAML value is of the kind that a parameter takes; a kind we do not know takes anything."""
    if parameter.kind in ("any", "") or (value is None and not parameter.required and parameter.default is None):
        return True
    match parameter.kind:
        case "integer":
            return _whole(value)
        case "number":
            return is_number(value)
        case "boolean":
            return isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "integers":
            return _whole(value) or (isinstance(value, list) and bool(value) and all(_whole(item) for item in value))
        case "shape":
            items = value if isinstance(value, list) else [value]
            return all(item is None or _whole(item) for item in items)
        case "steps":
            return isinstance(value, Reference) or counts.is_count(value, least=int(parameter.required))
        case "boundaries":
            return isinstance(value, list) and all(
                isinstance(item, Reference) or counts.is_count(item) for item in value
            )
        case "tensor":
            return _numbers(value)
        case "tensors":
            return False
        case "dtype" | "policy":
            return isinstance(value, Reference) or value in _dtypes(parameter.kind)
    return True
