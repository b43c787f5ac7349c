"""The model of one training, built and compiled; what would die in the middle of Keras is refused here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nnrun.config.config import Config
from nnrun.config.spec import Spec
from nnrun.errors import ConfigError, NnrunError, Problem
from nnrun.model import build
from nnrun.model.graph import graph
from nnrun.training.answers import Answer
from nnrun.training.material import Material


@dataclass(frozen=True)
class Network:
    """A compiled Keras model; `outputs` maps an output's name to its layer, trained ones and others."""

    model: Any
    outputs: Mapping[str, str]


def network(config: Config, material: Material) -> Network:
    """Builds on the shapes of the data and compiles with what the config says, else the tasks."""
    shapes = material.shapes
    _held_to(config, shapes)
    heads = {name: answer.task.head() for name, answer in material.answers.items()}
    plan = graph(config.model, list(shapes), heads)
    if plan.problems:
        raise ConfigError(plan.problems)
    model = build.build(plan, shapes, material.dtypes, material.facts, config.name)
    for name, answer in material.answers.items():
        _fits(name, tuple(model.get_layer(plan.outputs[name]).output.shape[1:]), answer)
    _compile(model, config, material)
    return Network(model, plan.outputs)


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


def _fits(name: str, shape: tuple[int | None, ...], answer: Answer) -> None:
    """The number of units against the number of classes or of target columns."""
    units = shape[0] if len(shape) == 1 else None
    if units is None:
        return
    where = answer.spec.where if answer.spec.where.file else None
    classes = answer.target.num_classes
    if answer.task.kind == "number":
        if answer.width not in (None, units):
            raise ConfigError(
                [Problem(f"the output {name!r} has {_units(units)} for {answer.width} target columns", where)]
            )
        return
    sparse = "Sparse" in answer.loss.name
    wanted = classes if answer.spec.one_hot or sparse else 1 if answer.loss.name.startswith("Binary") else None
    if wanted is not None and (units < wanted if sparse else units != wanted):
        hint = "leave `outputs` out, and the task adds the right head"
        what = f"the output {name!r} has {_units(units)} for {classes} classes"
        raise ConfigError([Problem(what, where, f"{_units(wanted)} with the loss {answer.loss.name}", hint)])


def _units(count: int) -> str:
    return "1 unit" if count == 1 else f"{count} units"


def _compile(model: Any, config: Config, material: Material) -> None:
    several = len(model.outputs) > 1
    found, facts = material.answers, material.facts
    only = next(iter(found))

    def by_output(values: dict[str, Any]) -> Any:
        return values if several else values[only]

    weights = config.compile.loss_weights
    weighted = {name: [_metric(spec, facts) for spec in answer.weighted_metrics] for name, answer in found.items()}
    arguments = {
        "optimizer": build.make(config.compile.optimizer, facts),
        "loss": by_output({name: build.make(answer.loss, facts) for name, answer in found.items()}),
        "loss_weights": weights.get(only, 1.0) if isinstance(weights, Mapping) and not several else weights,
        "metrics": by_output({name: [_metric(spec, facts) for spec in a.metrics] for name, a in found.items()}),
        "weighted_metrics": by_output(weighted) if any(weighted.values()) else None,
        "run_eagerly": config.runtime.run_eagerly,
        "steps_per_execution": config.runtime.steps_per_execution or 1,
        **config.compile.others,
    }
    try:
        model.compile(**arguments)
    except NnrunError:
        raise
    except Exception as error:  # whatever Keras raises, the reader of the YAML needs its place
        raise build.refused(Spec("compile", {}, config.document.key(("compile",))), error) from None


def _metric(spec: Spec, facts: Mapping[str, Any]) -> Any:
    """A metric's text stays a text: Keras names it so, and chooses `accuracy` by the output's shape."""
    return build.make(spec, facts) if spec.arguments or spec.name[:1].isupper() else spec.name
