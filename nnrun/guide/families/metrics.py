"""Metrics, each with data whose target it can read."""

from __future__ import annotations

from typing import Any

from nnrun.catalogue import Component
from nnrun.guide.example import Config, cancer, diabetes, iris, step

TITLE = "metric"
PLACE = "a list item of `compile.metrics` or `compile.weighted_metrics`"
USUAL = ("accuracy", "AUC", "MeanAbsoluteError")

_ONE_HOT = {"target": {"one_hot": "target"}}
_OF_TWO = (
    "AUC", "Binary", "F", "True", "False", "Precision", "Recall", "Sensitivity", "Specificity", "Hinge", "SquaredHinge",
)  # fmt: skip
_OF_SHARES = ("Categorical", "OneHot", "KLDivergence", "CosineSimilarity", "TopK")
_OF_CLASSES = ("Sparse", "accuracy", "Balanced", "Cohen", "Matthews", "Entity", "Perplexity")
_VALUES: dict[str, Any] = {
    "num_classes": 3, "target_class_ids": [0], "recall": 0.9, "precision": 0.9, "specificity": 0.9, "sensitivity": 0.9,
    "tags": ["O", "B-PER", "I-PER"],
}  # fmt: skip
_CLOSEST = ("SparseTopKCategoricalAccuracy", "TopKCategoricalAccuracy")


def example(component: Component) -> Config:
    """A training that is measured by it."""
    name = component.name
    needed = {item.name: _VALUES[item.name] for item in component.parameters if item.required}
    first = component.parameters[0].name if component.parameters else ""
    compiled = {"metrics": [step(name, {"k": 2} if name in _CLOSEST else needed, first)]}
    if name.startswith(_OF_CLASSES):
        return iris(compile=compiled)
    if name.startswith(_OF_SHARES):
        return iris(compile=compiled, data=_ONE_HOT)
    if name.startswith(_OF_TWO):
        return cancer(compile=compiled)
    return diabetes(compile=compiled)
