"""`Model.compile`: the optimizer, losses and metrics of a training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.config.config import Config
from nnrun.config.sections import UNCERTAINTY
from nnrun.config.spec import Spec
from nnrun.errors import NnrunError
from nnrun.model import build, framework
from nnrun.model.losses._graph import mean_loss
from nnrun.training import consumed
from nnrun.training.answers import Answer
from nnrun.training.asked import of_asked
from nnrun.training.material import Material


def compile_model(model: Any, config: Config, material: Material) -> None:
    """Compiles a Keras model; losses and metrics are those of the config, else of the tasks.

    Raises ConfigError, at its place, for what Keras refuses.
    """
    several, found, facts = material.is_several, material.answers, material.facts
    losses = {name: build.make(answer.loss, facts) for name, answer in found.items()}
    losses |= {name: mean_loss(name) for name in material.losses}
    only = next(iter(losses))

    def by_output(values: dict[str, Any]) -> Any:
        return values if several else values[only]

    weights = config.compile.loss_weights
    if isinstance(weights, Mapping):
        weights = {name: weights.get(name, 1.0) for name in losses} if several else weights.get(only, 1.0)
    weighted = {
        name: [_metric(spec, facts, answer) for spec in answer.weighted_metrics] for name, answer in found.items()
    }
    metrics = {
        name: [_metric(spec, facts, answer) for spec in answer.compiled_metrics] for name, answer in found.items()
    }
    arguments = {
        "optimizer": _optimizer(config, facts),
        "loss": by_output(losses),
        "loss_weights": weights,
        "metrics": by_output(metrics) if found else None,
        "weighted_metrics": by_output(weighted) if any(weighted.values()) else None,
        "run_eagerly": config.runtime.run_eagerly,
        **config.compile.others,
    }
    consumed.require(config, "compile", {name for name, given in arguments.items() if given is not None})
    if weights == UNCERTAINTY:
        arguments["loss_weights"] = None  # which `learn_by` has learned
    try:
        model.compile(**arguments)
    except NnrunError:
        raise
    except Exception as error:  # whatever Keras raises, the reader of the YAML needs its place
        raise build.refused(Spec("compile", {}, config.document.key(("compile",))), error) from None


def _optimizer(config: Config, facts: Mapping[str, Any]) -> Any:
    """Scales the loss of `mixed_float16`, as Keras would, but so that a saved model says it: it opens anywhere."""
    optimizer, scaling = build.make(config.compile.optimizer, facts), framework.keras().optimizers.LossScaleOptimizer
    wanted = config.runtime.precision == "mixed_float16" and config.compile.others.get("auto_scale_loss", True)
    return scaling(optimizer) if wanted and not isinstance(optimizer, scaling) else optimizer


def _metric(spec: Spec, facts: Mapping[str, Any], answer: Answer) -> Any:
    """A metric's text stays a text: Keras names it so, and chooses `accuracy` by the output's shape."""
    if answer.spec.masked is not None:
        return of_asked(spec, facts)
    return spec.name if build.is_text(spec) else build.make(spec, facts)
