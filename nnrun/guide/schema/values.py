"""What an argument may be, as a schema: its kind, a reference in its place, or a spec of a family."""

from __future__ import annotations

import re
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Component, Parameter
from nnrun.guide import prose

Schema = dict[str, Any]

REFERENCE: Schema = {"$ref": "#/definitions/reference"}
_WHOLE: Schema = {"anyOf": [{"type": "integer"}, REFERENCE]}
_WHOLE_OR_NULL: Schema = {"anyOf": [{"type": ["integer", "null"]}, REFERENCE]}
_NUMBERS: Schema = {"$ref": "#/definitions/numbers"}
_COUNT: Schema = {"anyOf": [{"type": "number"}, {"type": "string"}]}

_KINDS: dict[str, Schema] = {
    "integer": _WHOLE,
    "number": {"anyOf": [{"type": "number"}, REFERENCE]},
    "boolean": {"anyOf": [{"type": "boolean"}, REFERENCE]},
    "string": {"type": "string"},
    "integers": {"anyOf": [_WHOLE, {"type": "array", "items": _WHOLE, "minItems": 1}]},
    "shape": {"anyOf": [_WHOLE_OR_NULL, {"type": "array", "items": _WHOLE_OR_NULL}]},
    "steps": _COUNT,
    "boundaries": {"anyOf": [{"type": "array", "items": _COUNT}, REFERENCE]},
    "tensor": _NUMBERS,
}


def of_kind(kind: str) -> Schema | None:
    """What a kind of the catalogue takes; None where it takes any plain value."""
    if kind in ("dtype", "policy"):
        return {"$ref": f"#/definitions/{kind}"}
    return {"$ref": f"#/definitions/a.{kind}"} if kind in _KINDS else None


def definitions() -> dict[str, Schema]:
    """The small schemas that all others name."""
    number: Schema = {"type": ["number", "boolean"]}
    return {
        **{f"a.{kind}": found for kind, found in _KINDS.items()},
        "reference": {
            "type": "string",
            "pattern": r"\$",
            "description": "a reference, $name or $(expression)",
        },
        "numbers": {"anyOf": [number, REFERENCE, {"type": "array", "items": _NUMBERS}]},
        "dtype": {"anyOf": [{"enum": [name for name in _dtypes() if not name.startswith("mixed_")]}, REFERENCE]},
        "policy": {"anyOf": [{"enum": _dtypes()}, REFERENCE]},
    }


def parameter(component: Component, described: Parameter) -> Schema:
    """One argument: what it may be, what it is for, and its default."""
    family = catalogue.slot_of(component.slot, component.name, described.name)
    choices = [_kind(described)] if family is None or described.kind == "number" else []
    if family is not None:
        one: Schema = {"$ref": f"#/definitions/{family}"}
        several: list[Schema] = [{"type": "array", "items": one}] if described.name.endswith("s") else []
        choices += [one, *several, {"type": "null"}]
    elif not described.required and described.default is None:
        choices.append({"type": "null"})
    found: Schema = choices[0] if len(choices) == 1 else {"anyOf": choices}
    text = prose.sentence(described.doc)
    found = {**found, "description": text} if text else found
    default = described.default
    if isinstance(default, bool | int | float | str) and default == default:
        found = {**found, "default": default}
    return found


def any_of(*schemas: Schema) -> Schema:
    """One of several."""
    return {"anyOf": list(schemas)}


def _kind(described: Parameter) -> Schema:
    known = of_kind(described.kind)
    words = _words(described)
    if words and described.kind in ("string", "any"):  # an offer of the editor: other texts stay right
        return any_of({"enum": words}, *([known] if known else [_PLAIN]))
    return known or _PLAIN


_PLAIN: Schema = {"not": {"type": "object"}}


def _words(described: Parameter) -> list[str]:
    """The words in quotes that a docstring offers: `"valid"` or `"same"`."""
    if described.name == "name":
        return []
    return list(dict.fromkeys(re.findall(r"[`\"']\"?([a-z][a-z_]+)[\"']`?", described.doc))) if described.doc else []


def _dtypes() -> list[str]:
    return list(catalogue.names("dtype_policies"))
