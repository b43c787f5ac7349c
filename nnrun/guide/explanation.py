"""A topic as plain data: what `nnrun help` prints and what `--json` gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Parameter
from nnrun.check import Examination, examine
from nnrun.config import guess
from nnrun.config.config import STEP_WORDS
from nnrun.config.extends import extended
from nnrun.config.kinds import KINDS
from nnrun.config.loader import load_text
from nnrun.config.read import read
from nnrun.data.files import Roots
from nnrun.errors import ConfigError
from nnrun.guide import prose, reckoning
from nnrun.guide.example import flow
from nnrun.guide.topics import Topic

STEPS = ("layers", "ops", "applications", "blocks")
_PARAGRAPHS = {"words": 9}  # ours are short; of Keras' the first two say it


def explained(topic: Topic) -> dict[str, Any]:
    """Everything there is to say of a topic; what does not apply is left out."""
    component = topic.component
    told: dict[str, Any] = {
        "name": topic.name,
        "family": topic.family,
        "title": topic.title,
        "also": sorted(alias for alias, name in catalogue.aliases(topic.family).items() if name == topic.name),
        "text": prose.paragraphs(component.doc, _PARAGRAPHS.get(topic.family, 2)),
        "refused": topic.refused,
        "place": topic.place,
    }
    if topic.parameter is not None:
        return {**told, "parameter": _parameter(topic, topic.parameter, whole=True)}
    first = catalogue.first_parameter(component)
    told["first_parameter"] = first.name if first and first in topic.parameters else None
    told["parameters"] = [_parameter(topic, parameter) for parameter in topic.parameters]
    told["withheld"] = {} if topic.refused else topic.withheld
    if topic.family in STEPS:
        tensors = [item.name for item in (*component.parameters, *component.call) if topic.is_tensor(item)]
        told["tensors"] = [*tensors, *([component.variadic] if component.variadic else [])]
        told["words"] = list(STEP_WORDS)
    told["example"] = topic.example
    told["arithmetic"] = [
        {"what": line.what, "text": str(line), "result": line.result, "note": reckoning.NOTES.get(line.what)}
        for line in _reckoned(topic)
    ]
    return {key: value for key, value in told.items() if value not in ("", [], {}, None)}


def checked(text: str) -> Examination:
    """What `nnrun check` finds in the text of a config that lies in the current folder."""
    folder = Path.cwd()
    document = extended(load_text(text, "example.yaml"), folder / "example.yaml").document
    config, problems = read(document, folder=folder, written=text.encode())
    if config is None or problems:
        raise ConfigError(problems)
    return examine(config, Roots(folder))


def _parameter(topic: Topic, parameter: Parameter, *, whole: bool = False) -> dict[str, Any]:
    """A parameter with its default as a config would write it, its kind in words, and a sentence."""
    family = catalogue.slot_of(topic.family, topic.name, parameter.name)
    kind = KINDS.get(parameter.kind, "")
    if family is not None:
        kind = f"{kind}, or {_article(guess.singular(family))}" if kind else _article(guess.singular(family))
    told = {
        "name": parameter.name,
        "required": parameter.required,
        "kind": kind,
        "text": prose.cleaned(parameter.doc) if whole else prose.sentence(parameter.doc),
    }
    return (
        told if parameter.required else {**told, "default": parameter.default, "written": _written(parameter.default)}
    )


def _written(default: Any) -> str:
    try:
        return flow(default)
    except TypeError:  # a default that is no YAML: what Keras reckons when it is made
        return str(default)


def _reckoned(topic: Topic) -> list[reckoning.Line]:
    """The arithmetic of the layer in its example."""
    if topic.family != "layers" or not reckoning.covers(topic.name) or topic.refused:
        return []
    seen = checked(topic.example)
    shapes = {**dict(seen.inputs), **{row.name: row.shape for row in seen.rows}}
    row = next((row for row in seen.rows if row.layer == topic.name), None)
    shape = shapes.get(row.sources[0]) if row is not None and row.sources else None
    return reckoning.lines(row, shape) if row is not None and isinstance(shape, tuple) else []


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
