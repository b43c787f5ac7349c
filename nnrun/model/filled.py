"""Batches that are filled up to a fixed number of rows: what fills them up counts in no loss and in no metric.

Of a batch of B rows the first k are real. In the loss a real row weighs B/k and another 0, so that Keras' mean over B
rows is the mean over k of them. Keras' metrics are given the real rows alone: they get weights only where the config
says so (`weighted_metrics`).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from nnrun.model import framework


class Real(NamedTuple):
    """Of one step, or of one replica's part of it: how many rows are real, how many rows its loss stands for, and
    the weights of the rows as they are without the filling."""

    rows: Any
    counted: Any
    weights: Any


class Filled(threading.local):
    """Stands between Keras' steps and the metrics of one model; replicas are traced in threads, each with its own."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._real: Real | None = None

    @contextlib.contextmanager
    def of(self, real: Real) -> Iterator[None]:
        """Inside, a step is one of a batch that is filled up."""
        self._real = real
        try:
            yield
        finally:
            self._real = None

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Inside, a step of the model gives its metrics the real rows, and the mean of losses their number."""
        model = self._model
        trackers = [model._loss_tracker, *(model._compile_loss.metrics if model._compile_loss else ())]
        original = {id(tracker): tracker.update_state for tracker in trackers}

        def compute_metrics(x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
            if self._real is None:
                return type(model).compute_metrics(model, x, y, y_pred, sample_weight)
            rows, _, weights = self._real
            cut = _cut(rows)
            return type(model).compute_metrics(model, cut(x), cut(y), cut(y_pred), cut(weights))

        def counting(tracker: Any) -> Any:
            def update_state(values: Any, sample_weight: Any = None) -> Any:
                if self._real is not None and sample_weight is not None:
                    sample_weight = framework.keras().ops.cast(self._real.counted, "float32")
                return original[id(tracker)](values, sample_weight=sample_weight)

            return update_state

        model.compute_metrics = compute_metrics
        for tracker in trackers:
            tracker.update_state = counting(tracker)
        try:
            yield
        finally:
            del model.compute_metrics
            for tracker in trackers:
                del tracker.update_state


def weighted(model: Any, batch: Any, rows: Any, factor: Any) -> tuple[Any, Any]:
    """A batch with the weights that make the first `rows` of it count `factor` each and the others nothing.

    In a loss that is the sum of the rows, each counts 1. Gives them beside the weights that the batch came with (None
    where it had none).
    """
    x, y, *own = batch
    ops, tree = framework.keras().ops, framework.keras().tree
    size = ops.shape(tree.flatten(x)[0])[0]
    real = ops.cast(ops.arange(size) < rows, "float32")

    def of(values: Any, loss: Any, output: Any) -> Any:
        rank = _rank(loss, output) if values is None else len(values.shape)
        counts = real if getattr(loss, "reduction", None) == "sum" else real * ops.cast(factor, "float32")
        counts = ops.reshape(counts, (-1, *(1 for _ in range(rank - 1))))
        return counts if values is None else values * counts

    given = own[0] if own else None
    if not isinstance(y, Mapping):
        return (x, y, of(given, model.loss, model.outputs[0])), given
    # By the names of the outputs; `output_names` are those of the layers that make them.
    weights = {
        name: of(given[name] if isinstance(given, Mapping) else given, model.loss.get(name), model.output[name])
        for name in y
    }
    return (x, y, weights), given


def _rank(loss: Any, output: Any) -> int:
    """Of how many axes the numbers of a loss are: those of its output but the last, or but those that it goes along."""
    if getattr(loss, "goes_by_rows", False):
        return 1
    axes = getattr(loss, "axis", None)  # of Dice and Tversky a list
    return max(1, len(output.shape) - (len(axes) if isinstance(axes, list | tuple) else 1))


def _cut(rows: Any) -> Any:
    tree = framework.keras().tree

    def cut(arrays: Any) -> Any:
        return None if arrays is None else tree.map_structure(lambda array: array[:rows], arrays)

    return cut
