"""The networks of a recipe, built on the shapes of the data and made one model that our programs train."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.config.config import Config
from nnrun.config.counts import in_steps
from nnrun.errors import ConfigError, Problem
from nnrun.model import build, framework
from nnrun.model.expansion import expand
from nnrun.model.graph import Graph
from nnrun.model.logits import scale
from nnrun.model.shapes import Arithmetic
from nnrun.training.averages import Averages
from nnrun.training.material import Material
from nnrun.training.recipe_model import Network, recipe_model
from nnrun.training.recipes import Recipe, Role, Rows, recipe

Plans = Mapping[str, Graph]

SAVED = "model.keras"  # the network that answers


def plans(config: Config, material: Material) -> dict[str, Graph]:
    """The graph of each network, by arithmetic."""
    found = {}
    for name, role in _roles(config, material).items():
        shapes = {taken: role.takes[taken] for taken in takes(config, name, role)}
        found[name] = expand(config.models[name], shapes, {}, material.facts, Arithmetic())
        if found[name].problems:
            raise ConfigError(found[name].problems)
    return found


def takes(config: Config, name: str, role: Role) -> tuple[str, ...]:
    """What a network is called on: as written, else all that it may."""
    return config.models[name].takes or tuple(role.takes)


def recipe_of(config: Config) -> Recipe:
    """The recipe of a config that has one."""
    assert config.recipe is not None
    return recipe(config.recipe)


def does(config: Config) -> str:
    """What networks of a recipe do in place of answering, in words."""
    told = [f"{one} into {other}" for one, other in recipe_of(config).translates.values()]
    return f"translates {' and '.join(told)}" if told else "makes rows"


def _roles(config: Config, material: Material) -> Mapping[str, Role]:
    return recipe_of(config).roles(Rows(material.shapes, material.facts["num_classes"]))


def built(config: Config, plan: Plans, material: Material, steps_per_epoch: int) -> tuple[Any, dict[str, Any]]:
    """The model that is trained, and those that are saved, by the name of their file."""
    framework.start(config.seed)
    found, roles, precision = recipe_of(config), _roles(config, material), config.runtime.precision
    networks, optimizers = {}, {}
    for name, role in roles.items():
        own, given = config.models[name], takes(config, name, role)
        shapes = {taken: _known(role.takes[taken], own.where) for taken in given}
        made = build.build(plan[name], own, shapes, {}, {}, material.facts, name, precision)
        (output,) = made.graph.outputs.values()
        networks[name] = Network(made.model, given, gives_logits=scale(made.graph, output) != "probabilities")
        spec = in_steps(config.compiles[name].optimizer, steps_per_epoch)
        optimizers[name] = build.make(spec, material.facts)
        if precision == "mixed_float16":
            optimizers[name] = framework.keras().optimizers.LossScaleOptimizer(optimizers[name])
    others = {"run_eagerly": config.runtime.run_eagerly, **config.compile.others}
    files = {_file(found, name): network.model for name, network in networks.items()}
    if found.ema:
        others["averages"] = averages = Averages(files[SAVED], optimizers[found.answers], found.ema)
        files[SAVED] = averages.model
    return recipe_model(found, networks, optimizers, seed=config.seed, **others), files


def _file(found: Recipe, name: str) -> str:
    return SAVED if name == found.answers else f"{name}.keras"


def _known(shape: tuple[int | None, ...] | None, where: Any) -> tuple[int | None, ...]:
    if shape is None:
        raise ConfigError([Problem("the shape of what a network is called on is not known", where)])
    return shape
