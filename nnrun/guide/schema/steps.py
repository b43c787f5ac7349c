"""The network: steps with their words, blocks of one's own, outputs and losses of the graph."""

from __future__ import annotations

from nnrun.config.config import STEP_WORDS
from nnrun.guide import words
from nnrun.guide.schema import specs
from nnrun.guide.schema.values import REFERENCE, Schema, any_of

OWN_NAME = "^[a-z_][A-Za-z0-9_-]*$"  # of blocks, steps, inputs and outputs

_TEXT: Schema = {"type": "string"}
_TURNS = any_of({"type": "integer", "minimum": 0}, REFERENCE, {"type": "object", "minProperties": 1})
_WORDS: dict[str, Schema] = {
    "from": any_of(_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}, {"type": "object"}),
    "repeat": _TURNS,
    "each": _TURNS,
    "if": any_of({"type": "boolean"}, REFERENCE),
}
_TRAINABLE = any_of(
    {"type": ["boolean", "null"]},
    {"type": "object", "properties": {"from": _TEXT, "last": {"type": "integer"}, "except": {}}, "minProperties": 1},
    REFERENCE,
)


def definitions() -> dict[str, Schema]:
    """Steps and their words, and what is made of them."""
    told = {word: {**_WORDS.get(word, {}), "description": words.description(word)} for word in STEP_WORDS}
    own: Schema = {"type": "string", "pattern": OWN_NAME}
    return {
        **told,
        "name": {**_TEXT, "description": "the name by which other steps call it"},
        "trainable": _TRAINABLE,
        "step": any_of(*specs.specs(*specs.STEPS, own={OWN_NAME: {}}), {"$ref": "#/definitions/loss_step"}, own),
        "steps": {"type": "array", "items": {"$ref": "#/definitions/step"}},
        "block": _block(),
    }


def step_words() -> dict[str, Schema]:
    """What may stand beside the arguments of a step."""
    return {word: {"$ref": f"#/definitions/{word}"} for word in (*STEP_WORDS, "name", "trainable")}


def sections() -> dict[str, Schema]:
    """The parts of `model` and `blocks` that are no plain values."""
    step: Schema = {"$ref": "#/definitions/step"}
    by_name = {"type": "object", "minProperties": 1, "additionalProperties": any_of(_TEXT, step)}
    size = {"type": ["integer", "null"]}
    return {
        "model.layers": {"$ref": "#/definitions/steps"},
        "model.outputs": any_of(step, _TEXT, by_name, {"type": "null"}),
        "model.losses": any_of(by_name, {"type": "null"}),
        "model.inputs": any_of(
            {"type": "object", "additionalProperties": any_of(size, {"type": "array", "items": size})},
            {"type": "null"},
        ),
        "blocks": {"type": "object", "additionalProperties": {"$ref": "#/definitions/block"}},
    }


def _block() -> Schema:
    """A list of steps, or parameters, inputs and layers."""
    parameter = any_of(_TEXT, {"type": "object", "minProperties": 1})
    parts: dict[str, Schema] = {
        "parameters": {"type": "array", "items": parameter},
        "inputs": {"type": "array", "items": _TEXT, "minItems": 1},
        "layers": {"$ref": "#/definitions/steps"},
    }
    told = {key: {**part, "description": words.description(f"blocks.{key}")} for key, part in parts.items()}
    whole = {"type": "object", "properties": told, "required": ["layers"], "additionalProperties": False}
    return any_of({"$ref": "#/definitions/steps"}, whole)
