"""`data.augment`: Keras' random layers, and ours."""

from __future__ import annotations

from nnrun.catalogue import augmentations as known
from nnrun.guide import prose, topics
from nnrun.guide.schema import data, specs
from nnrun.guide.schema.values import REFERENCE, Schema, any_of
from nnrun.guide.topics import Topic


def definitions() -> dict[str, Schema]:
    """One augmentation: its name, or its name with what it is given."""
    found = {name: _topic(name) for name in known.augmentations()}
    alone = [name for name, topic in found.items() if not specs.required(topic)]
    one: Schema = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "properties": {name: _given(topic) for name, topic in found.items()},
    }
    return {"augmentation": any_of({"enum": alone}, one, REFERENCE)}


def sections() -> dict[str, Schema]:
    """A list, or a list for each input."""
    several: Schema = {"type": "array", "items": {"$ref": "#/definitions/augmentation"}}
    by_input = {"type": "object", "minProperties": 1, "additionalProperties": several}
    return {"data.augment": any_of(several, by_input, {"type": "null"})}


def _topic(name: str) -> Topic:
    component = known.find_augmentation(name)
    assert component is not None
    return next(iter(topics.of(component.slot, name)))


def _given(topic: Topic) -> Schema:
    """What may stand behind a name: of a layer all but what only a layer of a network has."""
    if topic.family == known.SLOT:
        return any_of(data.settings(topic), {"type": "null"})
    found = specs.given(topic, without=known.NO_ARGUMENTS)
    return {**found, "description": " ".join(prose.paragraphs(topic.component.doc))}
