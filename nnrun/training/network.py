"""The model of one training, built and compiled; what would die in the middle of Keras is refused here."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from types import MappingProxyType
from typing import Any

import numpy as np

from nnrun.config.config import Config, Phase
from nnrun.config.counts import in_steps
from nnrun.config.spec import Spec
from nnrun.devices.plan import Plan
from nnrun.errors import ConfigError, NnrunError, Problem
from nnrun.model import build, distribution, framework, layout
from nnrun.model.expansion import expand
from nnrun.model.freezing import freeze
from nnrun.model.graph import Graph
from nnrun.model.shapes import Arithmetic
from nnrun.training import augmented, families, programs, recipe_network, variables, widths
from nnrun.training.augmented import changes
from nnrun.training.compiling import compile_model
from nnrun.training.learned_by import learn_by
from nnrun.training.material import Material
from nnrun.training.recipes import recipe


@dataclass(frozen=True)
class Network:
    """A compiled Keras model; `outputs` are the names of its outputs, trained ones and others.

    `initial` is the value of every variable before the first step. `made` are the networks of a recipe by the name of
    their file; `model` trains them all. `family` are the models of phases that train one each, `beside` their files.
    """

    model: Any
    outputs: tuple[str, ...]
    initial: Mapping[str, np.ndarray[Any, Any]]
    augment: programs.Augment | None = None
    plan: Plan = field(default_factory=Plan)
    by_tape: bool = False
    made: Mapping[str, Any] = field(default_factory=dict)
    family: families.Family = field(default_factory=dict)
    beside: Mapping[str, Any] = field(default_factory=dict)
    _programs: dict[str, programs.Program] = field(default_factory=dict)

    def program(self, like: Any, *, training: bool) -> programs.Program:
        """The compiled program of training or testing on batches like `like`, made once."""
        kinds = framework.keras().tree.map_structure(lambda array: f"{array.dtype}{tuple(array.shape[1:])}", like)
        key = f"{training} {kinds}"
        if key not in self._programs:
            with warnings.catch_warnings():  # weights that nothing trains are told by the check, with their line
                warnings.filterwarnings("ignore", message="Gradients do not exist", category=UserWarning)
                how: dict[str, Any] = {"augment": self.augment if training else None}
                how |= {"fills": self._fills(training), "replicas": self.plan.replicas}
                how |= {"by_tape": self.by_tape and training}
                self._programs[key] = programs.program(self.model, like, training=training, **how)
        return self._programs[key]

    @property
    def files(self) -> Mapping[str, Any]:
        """The models that a run saves, by the name of their file."""
        return self.made or self.beside or {"model.keras": self.model}

    @property
    def parameters(self) -> int:
        """The numbers in the weights that a run saves; those that several models share count once."""
        weights = {id(weight): weight for model in self.files.values() for weight in model.weights}
        return sum(prod(weight.shape) for weight in weights.values())

    def _fills(self, training: bool) -> bool:
        """Whether short batches are filled up; of an evaluation by replicas they always are: it leaves no row out."""
        if training:
            return self.plan.remainder == "pad"
        return self.plan.replicas > 1 and framework.backend() == "tensorflow"

    @property
    def traces(self) -> int:
        """How often a program of this network was compiled."""
        return sum(program.traces for program in self._programs.values())


class Networks:
    """Hands out networks as if each were built anew; the last one is reset in place where the next has the same key.

    Everything that a compiled program holds as a constant is in the key: the graph, its shapes, the facts of the data
    that it refers to, and what is compiled. What is fitted on a fold is in the data that a program is called with.
    """

    def __init__(self) -> None:
        self._key: Any = None
        self._network: Network | None = None

    def network(
        self,
        config: Config,
        material: Material,
        steps_per_epoch: int,
        devices: Plan | None = None,
        phases: Sequence[Phase] = (),
        parts: families.Parts | None = None,
    ) -> Network:
        """A network with the initial weights of the config's seed; an epoch of its schedules has so many steps.

        `phases`, up to the one that is fitted, say what is frozen and what is trained; `parts` are what each model is
        built of, where they train one each.
        """
        if config.models:
            return _of_recipe(config, material, steps_per_epoch, devices or Plan())
        devices, config = devices or Plan(), _counted(config, steps_per_epoch)
        if parts:
            return _of_family(config, material, devices, phases, parts)
        plan = plan_of(config, material, Arithmetic())
        key = _key(config, plan, material), devices, repr([phase.trainable for phase in phases])
        if self._network is None or key != self._key:
            self._network = None  # let go of the old one before the new one is built
            self._key, self._network = key, _network(config, plan, material, devices, phases)
            return self._network
        framework.seed_generators(config.seed)
        variables.set_values(self._network.model, self._network.initial)
        return self._network

    def compiled_anew(
        self, before: Network, config: Config, material: Material, steps_per_epoch: int, phases: Sequence[Phase]
    ) -> Network:
        """A network with its weights, for the last of these phases: frozen anew, with a new optimizer."""
        self._key = self._network = None  # the next training has the first fit again
        config = _counted(config, steps_per_epoch)
        if before.family:
            return _of_member(before.family, config, material, before.plan, phases)
        _freeze(before.model, phases[-1])
        _learn(before.model, config, material)
        return replace(before, initial={}, augment=changes(config, material), _programs={})


def of_layers(network: Network, model: Any, config: Config, material: Material, steps_per_epoch: int) -> Network:
    """A model of some layers of a network, compiled to be trained in its place."""
    _learn(model, _counted(config, steps_per_epoch), material)
    return replace(network, model=model, initial={}, _programs={})


def _of_recipe(config: Config, material: Material, steps_per_epoch: int, devices: Plan) -> Network:
    """The networks of a recipe as one model."""
    plans = recipe_network.plans(config, material)
    model, files = recipe_network.built(config, plans, material, steps_per_epoch)
    return Network(model, material.outputs, variables.values(model), changes(config, material), devices, made=files)


def _of_family(
    config: Config, material: Material, devices: Plan, phases: Sequence[Phase], parts: families.Parts
) -> Network:
    """All models, built in the order of the file, and the one that the last of these phases trains, compiled."""
    framework.start(config.seed)
    models, shared = dict[str, Any](), dict[str, Any]()
    for name, (own, data) in parts.items():
        plan, heads = plan_of(own, data, Arithmetic()), _heads(data)
        given = data.shapes, data.dtypes, heads, data.facts, name, config.runtime.precision
        built = build.build(plan, own.model, *given, shared)
        for path in [path for path in shared if path.partition(".")[0] not in own.family]:
            del shared[path]
        for output, answer in data.answers.items():
            widths.require(output, built.output_shape(output), answer)
        models[name] = built.model
    return _of_member(families.members(models, parts), config, material, devices, phases)


def _of_member(
    family: families.Family, config: Config, material: Material, devices: Plan, phases: Sequence[Phase]
) -> Network:
    """The model that the last of these phases trains."""
    model = families.ready(family, phases)
    _learn(model, config, material, family)
    augment, files = changes(config, material), families.files(family, phases)
    return Network(model, material.outputs, {}, augment, devices, _by_tape(config), {}, family, files)


def _by_tape(config: Config) -> bool:
    return config.recipe is not None and recipe(config.recipe).by_tape


def _counted(config: Config, steps_per_epoch: int) -> Config:
    """A config whose schedules count steps."""
    optimizer = in_steps(config.compile.optimizer, steps_per_epoch)
    return replace(config, compile=replace(config.compile, optimizer=optimizer))


def plan_of(config: Config, material: Material, measure: Arithmetic) -> Graph:
    """The graph on the shapes of the data, by arithmetic."""
    _held_to(config, material.shapes)
    plan = expand(config.model, material.shapes, _heads(material), material.facts, measure)
    if plan.problems:
        raise ConfigError(plan.problems)
    return plan


def _heads(material: Material) -> dict[str, Spec]:
    return {name: answer.task.head() for name, answer in material.answers.items()}


def _key(config: Config, plan: Graph, material: Material) -> Any:
    answers = material.answers.items()
    learned = [(name, answer.loss, answer.metrics, answer.weighted_metrics) for name, answer in answers]
    return repr(
        (
            config.seed,
            plan,
            material.shapes,
            material.dtypes,
            material.facts,
            learned,
            config.compile,
            config.runtime,
            augmented.key(config, material),
        )
    )


def built_of(config: Config, plan: Graph, material: Material) -> build.Built:
    """The Keras model on the shapes of the data, with the initial weights of the seed; not compiled."""
    framework.start(config.seed)
    shapes, dtypes, facts = material.shapes, material.dtypes, material.facts
    precision = config.runtime.precision
    with distribution.scope():  # behind `start`, which would break it
        return build.build(plan, config.model, shapes, dtypes, _heads(material), facts, config.name, precision)


def _network(config: Config, plan: Graph, material: Material, devices: Plan, phases: Sequence[Phase]) -> Network:
    """Builds on the shapes of the data and compiles with what the config says, else the tasks."""
    built = built_of(config, plan, material)
    model = built.model
    layout.require(config, model, devices.mesh, devices.layout)
    for name, answer in material.answers.items():
        widths.require(name, built.output_shape(name), answer)
    for phase in phases:
        _freeze(model, phase)
    _learn(model, config, material)
    values, augment = variables.values(model), changes(config, material)
    return Network(model, material.outputs, values, augment, devices, _by_tape(config))


def _freeze(model: Any, phase: Phase | None) -> None:
    if phase is not None and phase.trainable:
        freeze(model, phase.trainable, phase.places.__getitem__)


def _learn(model: Any, config: Config, material: Material, family: families.Family = MappingProxyType({})) -> None:
    """Compiles a model, with every variable that training needs."""
    try:
        with distribution.scope():
            compile_model(model, config, material)
            learn_by(model, config, material, family)
            framework.make_variables(model, distribution.tensors(material.batch(np.arange(1))), material.losses)
    except NnrunError:
        raise
    except Exception as error:  # a shape or a dtype that only a batch brings to light
        raise build.refused(Spec("the training", {}, config.document.key(("fit",))), error) from error


def _held_to(config: Config, shapes: Mapping[str, tuple[int | None, ...]]) -> None:
    """`model.inputs` is a promise about the data."""
    for name, written in (config.model.inputs or {}).items():
        actual = shapes.get(name)
        same = (
            actual is not None
            and len(actual) == len(written)
            and all(size is None or size == found for size, found in zip(written, actual, strict=True))
        )
        if not same:
            told = f"is {list(actual)}" if actual is not None else "is not there"
            where = config.document.value(("model", "inputs", name))
            raise ConfigError([Problem(f"the input {name!r} of the data {told}", where, str(list(written)))])
