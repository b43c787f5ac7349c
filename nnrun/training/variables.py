"""The variables of a model with its optimizer and metrics: all that a training step changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nnrun.model import distribution, framework

_OTHERS = "__nnrun_models_of_other_phases"  # two underscores: Keras saves no attribute of such a name


def values(model: Any) -> dict[str, Any]:
    """The values of every variable: weights, statistics, seed generators, optimizer and metrics, by place and path."""
    if framework.backend() == "jax":
        model.jax_state_sync()  # in the middle of an epoch the values are in the loop's hands
    # Copies: JAX gives the memory of these values to the next step.
    return {name: distribution.value(variable) for name, variable in _variables(model).items()}


def set_values(model: Any, given: Mapping[str, Any], *, metrics_only: bool = False) -> None:
    """Puts back what `values` gave; of the metrics only, as Keras resets them when an epoch begins."""
    metrics = {id(variable) for variable in model.metrics_variables}
    for variable, value in zip(_variables(model).values(), (given[name] for name in sorted(given)), strict=True):
        if metrics_only and id(variable) not in metrics:
            continue
        distribution.assign(variable, value)


def without_metrics(model: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """The part of `values` that a training goes on from; a metric may be infinite on rows that it is not trained on."""
    metrics = {id(variable) for variable in model.metrics_variables}
    pairs = zip(_variables(model).values(), sorted(given), strict=True)
    return {name: given[name] for variable, name in pairs if id(variable) not in metrics}


def keep_with(model: Any, others: Sequence[Any]) -> None:
    """What else belongs to the state of a model's training: the variables of the models of other phases."""
    vars(model)[_OTHERS] = tuple(others)  # behind Keras' back, which would make them a part of the model


def named_metrics(model: Any, given: Sequence[Any]) -> dict[str, Any]:
    """The values of the metrics' variables, in their own order, as the part of `values` that they are."""
    names = {id(variable): name for name, variable in _variables(model).items()}
    pairs = zip(model.metrics_variables, given, strict=True)
    return {names[id(variable)]: np.array(value) for variable, value in pairs}


def blank_metrics(model: Any) -> dict[str, Any]:
    """Zeros, as the part of `values` that the metrics are: between two epochs they count nothing."""
    return named_metrics(model, [np.zeros_like(distribution.value(variable)) for variable in model.metrics_variables])


def separate(model: Any) -> None:
    """Gives every variable memory of its own, behind a fit.

    With `use_ema` Keras ends a fit by handing the averages to the weights. On JAX both are one array then, which the
    next prediction gives away: the averages could not be saved any more.
    """
    if framework.backend() != "jax":
        return
    seen: set[int] = set()
    for variable in _variables(model).values():
        if id(variable.value) in seen:
            variable.assign(framework.keras().ops.copy(variable.value))
        seen.add(id(variable.value))


def _variables(model: Any) -> dict[str, Any]:
    """Each variable once, by its place and path."""
    optimizer = getattr(model, "optimizer", None)  # a model that only predicts is not compiled
    of_optimizer = () if optimizer is None else optimizer.variables
    others = (variable for other in vars(model).get(_OTHERS, ()) for variable in other.variables)
    found = {id(v): v for v in (*model.variables, *of_optimizer, *model.metrics_variables, *others)}
    return {f"{place:04}/{variable.path}": variable for place, variable in enumerate(found.values())}
