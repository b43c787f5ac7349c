"""Specs of a family: `Name`, `Name: value` (the first parameter), `Name: {argument: value}`."""

from __future__ import annotations

from nnrun import catalogue
from nnrun.catalogue import Parameter
from nnrun.guide import prose, topics
from nnrun.guide.schema.values import REFERENCE, Schema, any_of, parameter
from nnrun.guide.topics import Topic

PLAIN = ("dtype_policies", "distillation")  # words, and what no config can hold yet
STEPS = ("layers", "ops", "applications", "blocks")


def definitions(step_words: dict[str, Schema]) -> dict[str, Schema]:
    """A definition for every family of specs, and for what stands behind each of its names."""
    found: dict[str, Schema] = {}
    for family in [*(slot for slot in catalogue.SLOTS if slot not in PLAIN), "blocks", "recipes"]:
        for name in topics.names(family):
            topic = next(iter(topics.of(family, name)))
            found[f"{family}.{name}"] = given(topic, _words(family, step_words))
        if family not in STEPS or family == "layers":  # a layer may stand in another one
            found[family] = any_of(*specs(family), REFERENCE)
    found["loss_step"] = any_of(*_loss_steps({word: told for word, told in step_words.items() if word != "trainable"}))
    return found


def _loss_steps(step_words: dict[str, Schema]) -> list[Schema]:
    """Losses on two tensors of the graph, by their own names alone."""
    known = {name: topic for name, topic in by_name("losses").items() if name == topic.name and name[:1].isupper()}
    behind = {name: given(topic, step_words, ("reduction", "name", "dtype")) for name, topic in known.items()}
    one: Schema = {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": False}
    return [
        {"type": "string", "enum": [name for name in known if not required(known[name])]},
        one | {"properties": behind},
    ]


def _words(family: str, step_words: dict[str, Schema]) -> dict[str, Schema]:
    """Which words stand beside the arguments; `trainable` says of an application how much of it is."""
    if family not in STEPS:
        return {}
    return {word: told for word, told in step_words.items() if word != "trainable" or family == "applications"}


def specs(*families: str, own: Schema | None = None) -> list[Schema]:
    """A name alone, or one name with what it is given; `own` is a pattern of further names."""
    alone: list[str] = []
    behind: dict[str, Schema] = {}
    for family in families:
        for name, topic in by_name(family).items():
            behind.setdefault(name, {"$ref": f"#/definitions/{family}.{topic.name}"})
            alone += [] if required(topic) else [name]
    one: Schema = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "properties": behind,
    }
    names: list[Schema] = [{"type": "string", "enum": alone}] if alone else []
    return [*names, {**one, "patternProperties": own} if own else one]


def by_name(family: str) -> dict[str, Topic]:
    """Every name and alias of a family with what it stands for."""
    known = {name: next(iter(topics.of(family, name))) for name in topics.names(family)}
    others = {alias: known[name] for alias, name in catalogue.aliases(family).items() if name in known}
    return dict(sorted({**known, **others}.items()))


def given(topic: Topic, words: dict[str, Schema] | None = None, without: tuple[str, ...] = ()) -> Schema:
    """What may stand behind a name; `words` are those of a step, `without` names arguments that have no place here."""
    component, needed = topic.component, required(topic)
    first = catalogue.first_parameter(component)
    choices: list[Schema] = [arguments(topic, words or {}, without)]
    if first is not None and first in topic.parameters and set(needed) <= {first.name}:
        choices.insert(0, parameter(component, first))
    if not needed:
        choices.append({"type": "null"})
    found = choices[0] if len(choices) == 1 else any_of(*choices)
    text = " ".join(prose.paragraphs(component.doc))
    return {**found, "description": text} if text else found


def arguments(topic: Topic, words: dict[str, Schema], without: tuple[str, ...] = ()) -> Schema:
    """A mapping of arguments; those that turns give need not stand beside them."""
    component, needed = topic.component, required(topic)
    found: Schema = {
        "type": "object",
        "properties": {
            **{item.name: parameter(component, item) for item in topic.parameters if item.name not in without},
            **words,
        },
        "additionalProperties": parameter(component, component.further) if component.further else False,
    }
    if needed and words:
        found["anyOf"] = [{"required": needed}, {"required": ["repeat"]}, {"required": ["each"]}]
    elif needed:
        found["required"] = needed
    return found


def required(topic: Topic) -> list[str]:
    """What has to be written: tensors come with `from`."""
    return [item.name for item in topic.component.parameters if item.required and not _is_tensor(topic, item)]


def _is_tensor(topic: Topic, item: Parameter) -> bool:
    return topic.family == "ops" and topic.is_tensor(item)
