"""The sections `compile` and `fit`, whose values the reader checks by hand; a test holds this equal to it."""

from __future__ import annotations

from nnrun.config.sections import COMPILE, FIT, UNCERTAINTY
from nnrun.guide import words
from nnrun.guide.schema.values import REFERENCE, Schema, any_of

_SPECS = {"optimizer": "optimizers", "loss": "losses", "metrics": "metrics", "weighted_metrics": "metrics"}
_POSITIVE: Schema = {"type": "integer", "minimum": 1}
_SWITCH: Schema = {"type": "boolean"}
_WEIGHTS: Schema = {"type": "object", "additionalProperties": any_of({"type": "number"}, REFERENCE)}
_OF_CLASSES = any_of({"enum": ["balanced"]}, {**_WEIGHTS, "minProperties": 1})
_NULL: Schema = {"type": "null"}


def _family(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _list(name: str) -> Schema:
    return any_of(_family(name), {"type": "array", "items": _family(name)}, _NULL)


def _by_output(schema: Schema) -> Schema:
    return any_of(schema, {"type": "object", "minProperties": 1, "additionalProperties": schema})


def _only(key: str) -> Schema:
    """A mapping of this key alone, to the name of an output."""
    return {"type": "object", "required": [key], "additionalProperties": False, "properties": {key: {"type": "string"}}}


_COMPILE: dict[str, Schema] = {
    "optimizer": _family("optimizers"),
    "loss": any_of(_by_output(_family("losses")), _NULL),
    "metrics": _by_output(_list("metrics")),
    "weighted_metrics": _by_output(_list("metrics")),
    "loss_weights": any_of(_WEIGHTS, {"enum": [UNCERTAINTY]}, _NULL),
    "jit_compile": any_of(_SWITCH, {"enum": ["auto"]}),
    "auto_scale_loss": _SWITCH,
}
_FIT: dict[str, Schema] = {
    "shuffle": _SWITCH,
    "class_weight": any_of(
        _OF_CLASSES, {"type": "object", "minProperties": 1, "additionalProperties": _OF_CLASSES}, _NULL
    ),
    "sampling": any_of({"enum": ["over", "under"]}, _only("over"), _only("under"), _NULL),
    "callbacks": _list("callbacks"),
    "initial_epoch": {"type": "integer", "minimum": 0},
    "keep": {"enum": ["last", "best"]},
}


def sections() -> dict[str, Schema]:
    """Both sections; a key of `fit` that is not named is a whole number above 0. `compile` may be by model."""
    for_all = _section("compile", COMPILE, _COMPILE)
    own: Schema = {"type": "object", "additionalProperties": False, "properties": {"optimizer": _family("optimizers")}}
    names: Schema = {"not": {"enum": list(COMPILE)}}
    by_model: Schema = {"type": "object", "minProperties": 1, "propertyNames": names, "additionalProperties": own}
    return {"compile": any_of(for_all, by_model), "fit": _section("fit", FIT, _FIT)}


def _section(name: str, keys: tuple[str, ...], schemas: dict[str, Schema]) -> Schema:
    properties = {
        key: {**any_of(schemas.get(key, _POSITIVE), REFERENCE), "description": words.description(f"{name}.{key}")}
        for key in keys
    }
    return {"type": "object", "additionalProperties": False, "properties": properties}
