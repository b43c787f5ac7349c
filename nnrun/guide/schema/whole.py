"""The schema of a config: pydantic's of the sections, in the older style of draft 7, with the specs put in."""

from __future__ import annotations

from typing import Any

from nnrun import tasks
from nnrun.config.sections import READINGS, Sections
from nnrun.guide import words
from nnrun.guide.schema import augmentation, data, specs, steps, training, values
from nnrun.guide.schema.values import REFERENCE, Schema, any_of
from nnrun.report import draw

_KEPT = (
    "type",
    "enum",
    "const",
    "minimum",
    "exclusiveMaximum",
    "items",
    "default",
    "minLength",
    "additionalProperties",
)


_A_MODEL: Schema = {"anyOf": [{"required": ["model"]}, {"required": ["models"]}]}


def schema() -> Schema:
    """The whole language."""
    told = Sections.model_json_schema()
    inside = told["$defs"]
    special = {**steps.sections(), **data.sections(), **augmentation.sections(), **training.sections(), **_names()}
    root = _section(told, inside, "", special)
    required = root.pop("required")
    root["properties"]["predict"] = _predict(root["properties"]["predict"])
    root["properties"]["variables"] = {"type": "object", "description": words.description("variables")}
    strict = {"properties": root["properties"]}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "description": "An experiment with Keras: data, model, how it is compiled and fitted.",
        "type": "object",
        "properties": {key: _told(key) for key in root["properties"]},
        "additionalProperties": False,
        "allOf": [
            # What extends another config need not be whole; names of a person's own files no schema can know.
            {"if": {"required": ["extends"]}, "else": {"required": required, **_inner_required(root), **_A_MODEL}},
            {"if": {"required": ["plugins"]}, "else": strict},
        ],
        "definitions": {
            **values.definitions(),
            **specs.definitions(steps.step_words()),
            **steps.definitions(),
            **data.definitions(),
            **augmentation.definitions(),
        },
    }


def _told(key: str) -> Schema:
    text = words.description(key)
    return {"description": text} if text else {}


def _names() -> dict[str, Schema]:
    """Words that are names of our own folders."""
    task: Schema = {"enum": list(tasks.names())}
    figures: Schema = {"type": "array", "items": {"enum": draw.names()}}
    by_output = {"type": "object", "additionalProperties": task}
    return {
        "task": any_of(task, by_output, {"type": "null"}),
        "report.figures": any_of(figures, {"type": "null"}),
        "recipe": any_of(*specs.specs("recipes"), {"type": "null"}),
        "models": {"type": "object", "additionalProperties": _network()},
    }


def _network() -> Schema:
    """One of several networks."""
    of_model = steps.sections()
    inputs: Schema = {"type": "array", "items": {"type": "string"}}
    keys = {
        "layers": of_model["model.layers"],
        "outputs": of_model["model.outputs"],
        "losses": of_model["model.losses"],
        "inputs": any_of(inputs, {"type": "null"}),
    }
    return {"type": "object", "properties": keys, "required": ["layers"], "additionalProperties": False}


def _predict(section: Schema) -> Schema:
    """A reading may be a name alone, or have its first setting alone."""
    for how, alone in (("greedy", "integer"), ("beam", "integer"), ("sample", "string"), ("anomaly", "number")):
        inside = section["properties"][how]
        section["properties"][how] = any_of(inside, {"type": alone}, {"type": "null"})
    text = {key: section[key] for key in ("description",) if key in section}
    return any_of(section, {"enum": [*READINGS, "anomaly"]}) | text


def _section(told: Schema, inside: dict[str, Any], path: str, special: dict[str, Schema]) -> Schema:
    """A section's keys, each with its text; what is a mapping is a section of its own."""
    properties: dict[str, Schema] = {}
    for key, value in told["properties"].items():
        name = f"{path}.{key}".lstrip(".")
        found = special.get(name) or _value(value, inside, name, special)
        text = words.description(name)
        properties[key] = {**found, "description": text} if text else found
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "required": told.get("required", []),
    }


def _value(value: Schema, inside: dict[str, Any], name: str, special: dict[str, Schema]) -> Schema:
    """One key by pydantic's schema: a section, or a plain value with a reference in its place."""
    choices = value.get("anyOf") or value.get("allOf") or [value]
    if name in ("model", "report.judge"):  # what may be left out is not written as null
        choices = [choice for choice in choices if choice.get("type") != "null"]
    found: list[Schema] = []
    for choice in choices:
        if "$ref" in choice:
            found.append(_section(inside[choice["$ref"].rpartition("/")[2]], inside, name, special))
            found[-1].pop("required") if name in ("data", "model") else None
        elif plain := {key: choice[key] for key in _KEPT if key in choice}:
            found.append(plain)
    if not found:
        return {}
    return found[0] if found[0].get("type") == "object" and len(found) == 1 else any_of(*found, REFERENCE)


def _inner_required(root: Schema) -> Schema:
    """What a section must hold where no other config is extended."""
    told = Sections.model_json_schema()["$defs"]
    needed = {"data": told["DataSection"]["required"], "model": told["ModelSection"]["required"]}
    return {"properties": {name: {"required": keys} for name, keys in needed.items() if name in root["properties"]}}
