"""The section `data`: sources, columns with their preparations, targets."""

from __future__ import annotations

import re

from nnrun.catalogue import Parameter
from nnrun.config.read_masked import KEYS as MASKED
from nnrun.config.read_target import KEYS, WORDS
from nnrun.guide import prose, topics, words
from nnrun.guide.schema.values import REFERENCE, Schema, any_of, of_kind
from nnrun.guide.topics import Topic

_COLUMN: Schema = {"type": ["string", "integer"]}
_COLUMNS = any_of(_COLUMN, {"type": "array", "items": _COLUMN, "minItems": 1})
_ENTRY: Schema = {"$ref": "#/definitions/entry"}
_STEPS: Schema = {"type": "array", "items": {"$ref": "#/definitions/preparation"}, "minItems": 1}
_ENTRIES = any_of(_ENTRY, {"type": "array", "items": _ENTRY, "minItems": 1})
_ANNOTATIONS: dict[str, Schema] = {
    "Path": {"type": "string"},
    "None": {"type": "null"},
    "str": {"type": "string"},
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "list[str]": {"type": "array", "items": {"type": ["string", "number"]}},
    "list[int]": {"type": "array", "items": {"type": "integer"}},
}


def definitions() -> dict[str, Schema]:
    """A source, an entry of the features, a target."""
    return {
        "source": any_of(_source(), REFERENCE),
        "entry": any_of(_preparation(with_columns=True), _chain(), REFERENCE),
        "preparation": _preparation(with_columns=False),
        "target": any_of(_COLUMN, *_target_words(), _long_target(), _preparation(with_columns=True)),
    }


def sections() -> dict[str, Schema]:
    """The keys of the section that are no plain values."""
    source: Schema = {"$ref": "#/definitions/source"}
    target: Schema = {"$ref": "#/definitions/target"}
    part = any_of(source, {"type": "null"})
    by_input = {"type": "object", "minProperties": 1, "additionalProperties": _ENTRIES}
    return {
        "data.source": source,
        "data.test": part,
        "data.validation": part,
        "data.features": any_of(_ENTRIES, by_input, {"type": "null"}),
        "data.target": any_of(target, {"type": "array", "items": target}, {"type": "null"}),
        "data.missing": any_of({"enum": ["median", "mean", "error"]}, _only({"value": {"type": "number"}}), REFERENCE),
    }


def _source() -> Schema:
    return {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "properties": {name: settings(topic) for name, topic in _own("sources").items()},
    }


def settings(topic: Topic) -> Schema:
    """`csv: file.csv`, or all settings by name."""
    items = topic.component.parameters
    needed = [item.name for item in items if item.required]
    whole = {
        "type": "object",
        "properties": {item.name: _setting(item) for item in items},
        "required": needed,
        "additionalProperties": False,
    }
    short = [_setting(items[0])] if len(needed) < 2 else []
    return {**any_of(*short, whole), "description": " ".join(prose.paragraphs(topic.component.doc))}


def _setting(item: Parameter) -> Schema:
    """A setting of our own function, by its annotation."""
    kinds = [_kind(plain, item) for plain in item.annotation.split(" | ")]
    found = any_of(*kinds) if len(kinds) > 1 else kinds[0]
    return {**found, "description": prose.sentence(item.doc)}


def _kind(plain: str, item: Parameter) -> Schema:
    """One of the kinds that an annotation names."""
    if plain.startswith("Literal["):
        return {"enum": re.findall(r"[\"']([^\"']*)[\"']", plain)}
    if plain.startswith("dict["):
        return {"type": "object", "minProperties": 1}
    return _ANNOTATIONS.get(plain) or of_kind(item.kind) or {}


def _preparation(*, with_columns: bool) -> Schema:
    """`normalize: [age]` among the features; `normalize` or `impute: mean` in a chain."""
    properties: dict[str, Schema] = {}
    for name, topic in _own("preparations").items():
        items = {item.name: _setting(item) for item in topic.component.parameters}
        told = {"description": " ".join(prose.paragraphs(topic.component.doc))}
        if with_columns:
            whole = {"columns": _COLUMNS, **items}
            # Without columns they are the array that is called like the input.
            mapping = {"type": "object", "properties": whole, "minProperties": 1, "additionalProperties": False}
            properties[name] = {**any_of(_COLUMNS, mapping, REFERENCE), **told}
        else:
            first = [next(iter(items.values()))] if items else []
            mapping = {"type": "object", "properties": items, "additionalProperties": False}
            properties[name] = {**any_of(*first, mapping, {"type": "null"}), **told}
    one = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "properties": properties,
    }
    return one if with_columns else any_of({"enum": list(properties)}, one)


def _chain() -> Schema:
    return {
        "type": "object",
        "required": ["columns", "steps"],
        "additionalProperties": False,
        "properties": {
            "columns": {**_COLUMNS, "description": words.description("data.features.columns")},
            "steps": {**_STEPS, "description": words.description("data.features.steps")},
        },
    }


def _target_words() -> list[Schema]:
    """`{one_hot: city}`, `{copy: image}`, `{next: words}`, `{masked: {input: words, rate: 0.15}}`."""
    return [_only({word: _masked() if word == "masked" else {"type": "string"}}) for word in WORDS]


def _masked() -> Schema:
    """An input, or an input and how its tokens are hidden."""
    kinds = {"input": "string", "rate": "number", "mask": "integer", "anew": "boolean"}
    properties: Schema = {key: {"type": kinds[key]} for key in MASKED}
    long: Schema = {"type": "object", "required": ["input"], "additionalProperties": False, "properties": properties}
    return {"anyOf": [{"type": "string"}, long], "description": words.description("data.target.masked")}


def _long_target() -> Schema:
    """`{columns: price, steps: [log, normalize]}`, and what else stands beside the columns."""
    text: Schema = {"type": "string"}
    kinds: dict[str, Schema] = {
        "columns": _COLUMNS,
        "steps": _STEPS,
        "one_hot": {"type": "boolean"},
        "unit": text,
        "name": text,
    }
    told = {key: {**kinds[key], "description": words.description(f"data.target.{key}")} for key in KEYS}
    return {"type": "object", "required": ["columns"], "additionalProperties": False, "properties": told}


def _only(properties: dict[str, Schema]) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _own(family: str) -> dict[str, Topic]:
    return {name: next(iter(topics.of(family, name))) for name in topics.names(family)}
