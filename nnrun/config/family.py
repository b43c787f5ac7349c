"""Several `models` of which each phase trains one; a model is a step of those written below it, with its weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from nnrun.config.config import Block, Config, Model, Output, Sources, Step
from nnrun.config.names import Names
from nnrun.config.read_blocks import Blocks, called_by, steps_of
from nnrun.config.read_model import ModelReader
from nnrun.config.sections import NetworkSection, Sections
from nnrun.config.spec import Spec
from nnrun.config.step_names import means_something


def read_family(names: Names, sections: Sections, variables: Mapping[str, Any]) -> dict[str, Model]:
    """The models by name, in the order in which they are written."""
    blocks = Blocks(names, sections.blocks)
    family: dict[str, Model] = {}
    reader = None
    for name, section in sections.models.items():
        path = ("models", name)
        reader = ModelReader(names, blocks, variables, path)
        if means_something(name) or blocks.is_own(name):
            names.problem(path, f"the name {name!r} means something already", "a name of yours", key=True)
            continue
        model = reader.network(section)
        family[name] = replace(model, losses=reader.losses(section.losses))
        blocks.add(_as_block(name, family[name], section))
    if reader is not None:
        reader.unused()
    for name, model in family.items():
        if _is_called(family, name):
            _require_one_result(names, name, model)
    return family


def _as_block(name: str, model: Model, section: NetworkSection) -> Block:
    """What a step that calls the model gives: its output, else what its last step gives."""
    outputs = tuple(output.step for output in model.outputs[:1] if output.step is not None)
    takes = model.takes or ("input",)
    return Block(name, {}, frozenset(), takes, (*model.layers, *outputs), model.where, section.layers, is_model=True)


def as_trained(family: Mapping[str, Model], name: str) -> Model:
    """A model as its phase trains it: one that others call is called by itself, so that its layers have one name."""
    model = family[name]
    if not _is_called(family, name):
        return model
    sources = Sources(model.takes, several=True) if model.takes else None
    call = Step(Spec(name, {}, model.where, "blocks"), sources=sources)
    outputs = tuple(Output(output.name, of="previous", where=output.where) for output in model.outputs)
    return replace(model, layers=(call,), outputs=outputs)


def learned(config: Config, targets: Sequence[str]) -> tuple[str, ...]:
    """Which of the targets its model learns: all, but where several models each have outputs for some of them."""
    names = [output.name for output in config.model.outputs]
    if not config.family or not names:
        return tuple(targets)
    only = len(names) == len(targets) == 1 and (names[0] is None or not config.model.losses)
    return tuple(targets) if only else tuple(target for target in targets if target in names)


def frozen_by(model: Model) -> dict[str, Any]:
    """What the steps that call other models say of what learns in them: rules by the name of the model."""
    found: dict[str, Any] = {}
    for step in steps_of(model):
        if step.spec.slot != "blocks" or not model.blocks[step.spec.name].is_model:
            continue
        if step.trainable is not None:
            found[step.spec.name] = step.trainable
        inner = model.blocks[step.spec.name]
        found |= frozen_by(replace(model, layers=inner.layers, outputs=(), losses=()))
    return found


def _is_called(family: Mapping[str, Model], name: str) -> bool:
    """Whether another model calls it."""
    return any(name in called_by(model) for other, model in family.items() if other != name)


def _require_one_result(names: Names, name: str, model: Model) -> None:
    """A model that others call gives one result, and is trained by what stands on it."""
    if len(model.outputs) > 1:
        what = f"the model {name!r} is called by others, and has {len(model.outputs)} outputs"
        names.problem(("models", name, "outputs"), what, "one, or none", "write the others in a model that calls it")
    elif model.outputs and model.outputs[0].step is None:
        what = f"the model {name!r} is called by others, and its output is a step above"
        hint = "leave outputs out: what its last step gives is what others read"
        names.problem(("models", name, "outputs"), what, hint=hint)
    if model.losses:
        what = f"the model {name!r} is called by others, and has losses of its own"
        names.problem(("models", name, "losses"), what, hint="write them in a model that calls it")


def for_all(names: Names, section: Mapping[str, Any], family: Mapping[str, Model]) -> dict[str, Any]:
    """What `compile` says for all phases; what it says by model is noted: that is written in the phases."""
    for key in section:
        if key in family:
            hint = f"write it in the phase: `{{model: {key}, compile: {{optimizer: ...}}}}`"
            names.problem(("compile", key), f"compile by model, and phases train {key!r}", hint=hint, key=True)
    return {key: value for key, value in section.items() if key not in family}


def require_use(names: Names, family: Mapping[str, Model], trained: tuple[str, ...]) -> None:
    """Nothing is ignored: every model is trained by a phase, or called by another model."""
    for name in family:
        if name not in trained and not _is_called(family, name):
            what = f"the model {name!r} is trained by no phase and called by no other model"
            names.problem(("models", name), what, hint=f"a phase with `model: {name}`, or take it away", key=True)
