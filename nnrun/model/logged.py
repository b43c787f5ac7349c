"""The names under which an epoch's numbers are logged, the same in history, scores and monitors."""

from __future__ import annotations

from nnrun import catalogue
from nnrun.config.spec import Spec
from nnrun.model.graph import snake_case

SIGMA = "_sigma"  # behind an output's name: the spread that is learned with `loss_weights: uncertainty`


def metric_name(spec: Spec) -> str:
    """Keras' name for a metric: its `name`, its text as written, else the class's own."""
    if isinstance(spec.arguments.get("name"), str):
        return str(spec.arguments["name"])
    if not spec.name[:1].isupper():
        return spec.name
    component = catalogue.find("metrics", spec.name)
    parameter = component.parameter("name") if component else None
    return str(parameter.default) if parameter and parameter.default else snake_case(spec.name)


def named(spec: Spec) -> Spec:
    """The metric with its name spelled out, which Keras would otherwise number: `recall`, `recall_1`, ..."""
    return Spec(spec.name, {**spec.arguments, "name": metric_name(spec)}, spec.where, spec.slot)
