"""Metrics of Keras that see only what is asked for: of hidden tokens the target holds 0 at every other step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.config.spec import Spec
from nnrun.model import build, framework


def of_asked(spec: Spec, facts: Mapping[str, Any]) -> Any:
    """A metric of classes at every step, in which a step whose target is 0 does not count."""
    text = build.is_text(spec)
    metric = framework.metric_by_text(spec.name, (1, 1), (1, 1, 2)) if text else build.make(spec, facts)
    original, ops = metric.update_state, framework.keras().ops

    def update_state(truth: Any, output: Any, sample_weight: Any = None) -> Any:
        counts = ops.cast(ops.not_equal(truth, 0), "float32")
        return original(truth, output, counts if sample_weight is None else counts * sample_weight)

    metric.update_state = update_state
    return metric
