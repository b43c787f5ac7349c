"""Metrics that are computed at the end of an epoch, from the predictions of all held-out rows; one file each.

A file `f1_score.py` has the function `F1Score`, which gives a `Measure`. Keras has F1Score too: `is_ours` is the one
rule that says which of them computes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from nnrun import catalogue
from nnrun.config.spec import Spec
from nnrun.errors import Problem, one_of
from nnrun.model.logged import named

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_THRESHOLDS = ("from_logits", "thresholds")  # with one of these, Keras' own reads logits too
_OF_ONE_UNIT = ("AUC", "Precision", "Recall")  # Keras' own read the one probability of two classes


@dataclass(frozen=True)
class Measure:
    """A metric of a whole part of the data.

    `of` takes class numbers (rows,) and a probability a class (rows, classes) where it reads classes; else targets and
    outputs as they are, numbers that estimate the target or an interval for it. `reads_answers` says that of the
    probabilities it takes only which class is answered, so that it goes by `predict.threshold`.
    """

    name: str
    of: Callable[[Array, Array], float]
    reads: Literal["classes", "numbers", "interval"] = "classes"
    reads_answers: bool = True


@dataclass(frozen=True)
class Scored:
    """What a metric is to compare; a field is None while it is not known yet.

    `of_classes` says that the target is one class for each row, `one_hot` that it is a column for each class; `units`
    are those of the output, `from_logits` says that it gives logits. `estimates` is False where the output is no
    estimate of the target.
    """

    of_classes: bool
    one_hot: bool = False
    num_classes: int | None = None
    units: int | None = None
    from_logits: bool | None = None
    estimates: bool = True


def is_ours(metric: Spec, scored: Scored) -> bool | None:
    """Whether a metric is computed here, at the end of an epoch; None where that is not known yet.

    It is where Keras does not have it, and where Keras' own would read class numbers as something else: F1Score and
    FBetaScore of classes that are not one-hot; AUC, Precision and Recall of those, unless the output is one unit that
    gives a probability.
    """
    name = catalogue.canonical("metrics", metric.name) or metric.name
    if catalogue.own_find("metrics", name) is None:
        return False
    if not catalogue.of_keras("metrics", name).parameters:
        return True
    if not scored.of_classes or scored.one_hot:
        return False
    if name not in _OF_ONE_UNIT or (scored.num_classes or 0) > 2:
        return True
    if scored.units is None or scored.from_logits is None:
        return None
    return scored.units != 1 or (scored.from_logits and not any(word in metric.arguments for word in _THRESHOLDS))


def takes_answers(metric: Spec) -> bool:
    """Whether a metric of Keras takes of probabilities only which class is answered, at no threshold of its own."""
    name = catalogue.canonical("metrics", metric.name) or metric.name
    if name.endswith(("Accuracy", "accuracy")) and not name.startswith("TopK"):
        return "threshold" not in metric.arguments
    words = {parameter.name for parameter in catalogue.of_keras("metrics", name).parameters}
    return (
        bool(words & {"threshold", "thresholds"})
        and "num_thresholds" not in words  # an area, which goes over all of them
        and not any(word in metric.arguments for word in ("threshold", "thresholds"))
    )


def measure(metric: Spec) -> Measure:
    """The metric that a spec names. ValueError says which argument is wrong."""
    spec = named(metric)
    component = catalogue.own_find("metrics", catalogue.canonical("metrics", spec.name) or spec.name)
    assert component is not None, f"{spec.name} is not ours"
    found: Measure = getattr(import_module(component.module), component.name)(**spec.arguments)
    return found


def problem(metric: Spec, scored: Scored, *, weighted: bool = False) -> Problem | None:
    """Why a metric cannot be computed of what it is to compare; None where it can, or nothing is known."""
    ours = is_ours(metric, scored)
    if ours is None:
        return None
    name = catalogue.canonical("metrics", metric.name) or metric.name
    component = catalogue.own_find("metrics", name)
    if not ours or component is None:
        return _of_keras(metric, scored)
    if weighted:
        hint = "it is computed from the held-out rows, which have no weights: write it under metrics"
        return Problem(f"the metric {name} under weighted_metrics", metric.where, hint=hint)
    strange = next((word for word in metric.arguments if component.parameter(word) is None), None)
    if strange is not None:
        known = [parameter.name for parameter in component.parameters]
        what = f"of class numbers {name} is computed by scikit-learn, which has no {strange}"
        return Problem(what, metric.where, one_of(known), "or a one-hot target, for which Keras' own is taken")
    missing = any(one.required and one.name not in metric.arguments for one in component.parameters)
    if missing or any(value is None for value in metric.arguments.values()):
        return None  # told already
    try:
        found = measure(metric)
    except ValueError as error:
        return Problem(f"{name}: {error}", metric.where)
    return _unreadable(name, metric, found, scored)


def _unreadable(name: str, metric: Spec, found: Measure, scored: Scored) -> Problem | None:
    """Why a metric of ours does not fit the target or the output."""
    if found.reads == "interval" and (scored.estimates or scored.of_classes):
        what = f"the metric {name} wants an interval, and the output is one number"
        return Problem(what, metric.where, "`loss: {Quantile: [0.1, 0.9]}`")
    if found.reads == "numbers" and scored.of_classes:
        return Problem(f"the metric {name} compares numbers, and the target is classes", metric.where)
    if found.reads == "classes" and not scored.of_classes:
        return Problem(f"the metric {name} compares one class for each row, and this target is none", metric.where)
    if found.reads != "interval" and not scored.estimates:
        return _no_estimate(name, metric)
    several = found.reads == "classes" and (scored.num_classes or 2) > 2
    if several and metric.arguments.get("average") == "binary":
        what = f"{name}: average binary is for two classes, and there are {scored.num_classes}"
        return Problem(what, metric.where, "macro, micro or weighted")
    if several and metric.arguments.get("threshold") is not None:
        what = f"{name}: a threshold is for two classes, and there are {scored.num_classes}"
        return Problem(what, metric.where, hint="leave it out: of several classes the likeliest is chosen")
    return None


def _no_estimate(name: str, metric: Spec) -> Problem:
    what = f"the metric {name} takes the output for an estimate of the target, which it is not with this loss"
    return Problem(what, metric.where, hint="leave it out: the loss itself is logged")


def _of_keras(metric: Spec, scored: Scored) -> Problem | None:
    """Keras' own on what is no estimate of the target, or with a word that it does not have."""
    if not scored.estimates:
        return _no_estimate(metric.name, metric)
    component = catalogue.find("metrics", metric.name)
    if component is not None and component.own_file:
        return None
    theirs = catalogue.of_keras("metrics", component.name) if component else None
    strange = next((word for word in metric.arguments if theirs and theirs.parameter(word) is None), None)
    if strange is None or theirs is None:
        return None
    what = f"{theirs.name} has no {strange} here: Keras' own is taken, which reads this target"
    return Problem(what, metric.where, one_of([parameter.name for parameter in theirs.parameters]))
