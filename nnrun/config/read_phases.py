"""The section `phases`: several fits in a row. A phase is a config of its own, its keys laid over those of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from nnrun.config.config import Config, Phase
from nnrun.config.family import as_trained, require_use
from nnrun.config.kinds import shown
from nnrun.config.loader import Document, Path
from nnrun.config.mistakes import unknown_key
from nnrun.config.names import Names
from nnrun.config.read_recipe import read_recipe
from nnrun.config.read_training import TrainingReader
from nnrun.errors import Where, did_you_mean, one_of
from nnrun.run_name import fault

KEYS = ("name", "model", "trainable", "recipe", "compile", "fit")
RULES = ("from", "last", "except")  # of `trainable`, beside true and false


@dataclass
class PhaseDocument(Document):
    """The file as a phase sees it: what the phase writes under `compile` and `fit` stands in place of the file's."""

    place: Path = ()

    def _nearest(self, places: dict[Path, Where], path: Path) -> Where:
        own = (*self.place, *path)
        laid_over = len(path) > 1 and path[0] in ("compile", "fit") and own[: len(self.place) + 2] in self.keys
        return super()._nearest(places, own if laid_over else path)


def read_phases(names: Names, config: Config, section: Any) -> tuple[Phase, ...]:
    """The phases of a config that is read otherwise; problems are noted in `names`, each once."""
    path: Path = ("phases",)
    if section is None:
        return ()
    if not isinstance(section, list) or not section or not all(isinstance(phase, dict) for phase in section):
        expected = "a list, such as `[{name: head, fit: {epochs: 4}}, {name: fine_tune, trainable: {base: true}}]`"
        names.problem(path, f"phases is {shown(section)}", expected)
        return ()
    phases = tuple(_phase(names, config, written, (*path, number)) for number, written in enumerate(section))
    require_use(names, config.family, tuple(phase.model for phase in phases))
    return phases


def _phase(names: Names, config: Config, written: Mapping[str, Any], path: Path) -> Phase:
    name = _name(names, written, path)
    for key in written:
        if key not in KEYS:
            unknown_key(names, (*path, key), "a phase", KEYS)
    sections = {key: dict(names.document.data.get(key) or {}) for key in ("compile", "fit")}
    sections["compile"] = {key: own for key, own in sections["compile"].items() if key not in config.family}
    for key, own in sections.items():
        given = written.get(key)
        if isinstance(given, Mapping):
            own.update(given)
        elif given is not None:
            names.problem((*path, key), f"{key} is {shown(given)}", "a mapping, as at the left margin")
    if "initial_epoch" in sections["fit"]:
        place: Path = (*path, "fit") if "initial_epoch" in (written.get("fit") or {}) else ("fit",)
        what = "initial_epoch with phases: they count on from each other"
        names.problem((*place, "initial_epoch"), what, hint="leave it out", key=True)
    data = {key: value for key, value in names.document.data.items() if key != "phases"} | sections
    document = PhaseDocument(data, names.document.file, names.document.keys, names.document.values, path)
    read = Names(document)
    training = TrainingReader(read)
    part = replace(config, compile=training.compile(sections["compile"]), fit=training.fit(sections["fit"]))
    model = _model(names, config, written, path)
    if model:
        part = replace(part, model=as_trained(config.family, model))
    if written.get("recipe") is not None:
        part = replace(part, recipe=read_recipe(names, written["recipe"], (*path, "recipe")))
    names.problems += [problem for problem in read.problems if problem not in names.problems]
    trainable = _trainable(names, written.get("trainable"), path)
    places = {key: names.document.key((*path, "trainable", key)) for key in trainable}
    return Phase(name, replace(part, document=document), trainable, places, model)


def _model(names: Names, config: Config, written: Mapping[str, Any], path: Path) -> str:
    """Which of several models the phase trains."""
    name, known = written.get("model"), list(config.family)
    if name in known:
        return str(name)
    if name is None and known:
        names.problem(path, "the phase does not say which model it trains", f"model: {one_of(known)}")
    elif known:
        hint = did_you_mean(str(name), known)
        names.problem((*path, "model"), f"there is no model {str(name)!r}", one_of(known, hint), hint)
    elif name is not None:
        hint = "leave it out: every phase trains the one `model:`; several stand under `models:`"
        names.problem((*path, "model"), "a phase names a model, and there is one only", hint=hint, key=True)
    return ""


def _name(names: Names, written: Mapping[str, Any], path: Path) -> str:
    name = written.get("name", f"phase {int(path[-1]) + 1}")
    others = names.document.data.get("phases") or []  # none where the section's own name is a slip of the hand
    before = [other.get("name") for other in others[: int(path[-1])] if isinstance(other, dict)]
    if not isinstance(name, str) or not name.strip() or ("name" in written and fault(name)):
        names.problem((*path, "name"), f"the phase's name is {shown(name)}", "a word, such as `fine_tune`")
    elif name in before:
        names.problem((*path, "name"), f"a phase before this one is called {name!r} too", "a name each")
    return str(name)


def _trainable(names: Names, value: Any, path: Path) -> dict[str, Any]:
    """Rules by the path or pattern of layers: `{base: true}`, `{"base.block5_*": true}`, `{base: {last: 20}}`."""
    place: Path = (*path, "trainable")
    if value is None:
        return {}
    example = "`{base: true}`, `{base: false}`, `{base: {last: 20, except: BatchNormalization}}`"
    if not isinstance(value, Mapping) or not value:
        names.problem(place, f"trainable is {shown(value)}", f"what is trained, by the names of layers: {example}")
        return {}
    for name, rule in value.items():
        if isinstance(rule, bool):
            continue
        if not isinstance(rule, Mapping) or not rule:
            names.problem((*place, name), f"trainable is {shown(rule)}", example)
            continue
        for key in rule:
            if key not in RULES:
                unknown_key(names, (*place, name, key), "trainable", RULES)
    return {str(name): rule for name, rule in value.items()}
