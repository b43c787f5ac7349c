"""The sections `recipe` and `models`, and `compile` by model: steps that are more than one loss of one network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nnrun.config.config import Compile, Model
from nnrun.config.family import for_all, read_family
from nnrun.config.loader import Path
from nnrun.config.names import Names
from nnrun.config.own import own
from nnrun.config.read_blocks import Blocks
from nnrun.config.read_model import ModelReader
from nnrun.config.read_training import TrainingReader
from nnrun.config.sections import COMPILE, Sections
from nnrun.config.spec import Spec
from nnrun.config.step_names import means_something
from nnrun.errors import did_you_mean, one_of

# What of `compile` may stand below the name of a model.
OF_A_MODEL = ("optimizer",)


@dataclass(frozen=True)
class Networks:
    """The network that `Config.model` is, all of them by name, and how each is compiled."""

    model: Model
    compile: Compile
    models: Mapping[str, Model] = field(default_factory=dict)
    compiles: Mapping[str, Compile] = field(default_factory=dict)
    family: Mapping[str, Model] = field(default_factory=dict)


def read_recipe(names: Names, value: Any, path: Path = ("recipe",)) -> Spec | None:
    """`gan`, `{gan: 64}` or `{gan: {latent_dim: 64}}`; None where none is written."""
    parted = None if value is None else names.parted(value, path, "recipes", _is_recipe)
    if parted is None:
        return None
    name, given, path = parted
    component = own(names, "recipes", name, path)
    return None if component is None else names.complete(component, given, path)


def _is_recipe(name: str) -> bool:
    from nnrun import catalogue

    return catalogue.own_find("recipes", name) is not None


def read_networks(
    names: Names, sections: Sections, variables: Mapping[str, Any], training: TrainingReader
) -> Networks | None:
    """The section `model`, or `models`; None, with a problem noted, where there is neither."""
    if sections.model is not None:
        if sections.models:
            names.problem(("models",), "models beside model", hint="keep one of the two", key=True)
        model = ModelReader(names, sections.blocks, variables).model(sections.model)
        return Networks(model, training.compile(sections.compile))
    if not sections.models:
        missing(names)
        return None
    if sections.phases is not None and (sections.recipe is None or _train_one_each(sections.phases)):
        family = read_family(names, sections, variables)
        if not family:
            return None
        compiled = training.compile(for_all(names, sections.compile, family))
        return Networks(family[next(reversed(family))], compiled, family=family)
    if sections.phases is not None:
        hint = "take them away: the networks of a recipe learn together; a phase of one model may have a recipe"
        names.problem(("phases",), "phases, and the models are those of a recipe", hint=hint, key=True)
    if sections.recipe is None:
        what = "models without phases or a recipe that say how they are trained"
        hint = "`phases: [{model: NAME}, ...]`, `recipe: {gan: 64}`, or one `model:`"
        names.problem(("models",), what, hint=hint, key=True)
    blocks = Blocks(names, sections.blocks)
    models: dict[str, Model] = {}
    for name, section in sections.models.items():
        reader = ModelReader(names, blocks, variables, ("models", name))
        if means_something(name):
            names.problem(("models", name), f"the name {name!r} means something already", "a name of yours", key=True)
        models[name] = reader.network(section)
        if section.losses is not None and sections.recipe is not None:
            what = f"the model {name!r} has losses of its own, and its losses are those of the recipe"
            names.problem(("models", name, "losses"), what, hint="leave them out", key=True)
    reader.unused()
    compiles = _compiles(names, sections.compile, tuple(models), training)
    first = next(iter(models))
    return Networks(models[first], compiles[first], models, compiles)


def _train_one_each(phases: Any) -> bool:
    return isinstance(phases, list) and any(isinstance(phase, Mapping) and "model" in phase for phase in phases)


def missing(names: Names) -> None:
    """Notes that there is no network, where nothing that is wrong with one is told already."""
    written = names.document.data
    if "model" not in written and "models" not in written:
        names.problem((), "'model' is missing", hint="`model: {layers: [{Dense: 64}]}`", key=True)
    elif "model" in written and written["model"] is None:
        hint = "put `layers:` between `model:` and its list"
        names.problem(("model",), "model is nothing", "a mapping", hint)


def _compiles(
    names: Names, section: Mapping[str, Any], models: tuple[str, ...], training: TrainingReader
) -> dict[str, Compile]:
    """Keys for all models, or by model, never both."""
    if section and all(isinstance(value, dict) for value in section.values()) and "optimizer" not in section:
        for key in section:
            if key not in models:
                hint = did_you_mean(key, models)
                what = f"compile names {key!r}, which is no model"
                names.problem(("compile", key), what, one_of(models, hint), hint, key=True)
        found = {}
        for name in models:
            own = dict(section.get(name, {}))
            for key in [key for key in own if key in COMPILE and key not in OF_A_MODEL]:
                what = f"{key} of the model {name!r}: losses and metrics are those of the recipe"
                hint = "a model's own is its optimizer; jit_compile and auto_scale_loss are said for all"
                names.problem(("compile", name, key), what, hint=hint, key=True)
                del own[key]
            found[name] = training.compile(own, ("compile", name), OF_A_MODEL)
        return found
    for key in section:
        if key in models:
            hint = f"`compile: {{{', '.join(f'{name}: {{optimizer: ...}}' for name in models)}}}`"
            names.problem(("compile", key), f"{key!r} stands beside keys for all models", hint=hint, key=True)
            section = {other: value for other, value in section.items() if other not in models}
    compiled = training.compile(section)
    return dict.fromkeys(models, compiled)
