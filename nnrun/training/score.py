"""Predictions to scores: the compiled loss and metrics on whole parts, and the trivial answer that has to be beaten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnrun.config.spec import Spec
from nnrun.model import build, framework
from nnrun.training.answers import Answer
from nnrun.training.numbers import numbers

Array = np.ndarray[Any, Any]
BATCH = 8192


def score(
    answers: Mapping[str, Answer],
    truths: Mapping[str, Array],
    outputs: Mapping[str, Array],
    facts: Mapping[str, Any],
    *,
    loss_weights: Any = None,
    extra_loss: float = 0.0,
) -> dict[str, float]:
    """Loss and metrics by Keras' names; `extra_loss` are the model's regularization losses.

    Several outputs: each as `<output>_<metric>`, and `loss` the weighted sum.
    """
    several = len(answers) > 1
    result: dict[str, float] = {"loss": 0.0}
    for name, answer in answers.items():
        prefix = f"{name}_" if several else ""
        truth, output = truths[name], outputs[name]
        loss = _mean_loss(build.make(answer.loss, facts), truth, output)
        weight = loss_weights.get(name, 1.0) if isinstance(loss_weights, Mapping) else 1.0
        result["loss"] += weight * loss
        if several:
            result[f"{name}_loss"] = loss
        metrics = [_metric(spec, facts, truth, output) for spec in answer.metrics]
        weighted = [_metric(spec, facts, truth, output) for spec in answer.weighted_metrics]
        taken = {metric.name for metric in metrics}
        for metric in (*metrics, *weighted):
            for start in range(0, len(truth), BATCH):
                metric.update_state(truth[start : start + BATCH], output[start : start + BATCH])
            value = metric.result()
            twin = metric in weighted and metric.name in taken  # Keras calls it so, beside the one without weights
            named = value if isinstance(value, Mapping) else {f"weighted_{metric.name}" if twin else metric.name: value}
            result.update({prefix + key: number for key, number in numbers(named).items()})
    result["loss"] += extra_loss
    return result


def _mean_loss(loss: Any, truth: Array, output: Array) -> float:
    total = 0.0
    for start in range(0, len(truth), BATCH):
        part = slice(start, start + BATCH)
        total += float(loss(truth[part], output[part])) * len(truth[part])
    return total / max(len(truth), 1)


def _metric(spec: Spec, facts: Mapping[str, Any], truth: Array, output: Array) -> Any:
    """A fresh metric object; a metric's text is read by the output's shape, as Keras itself does it."""
    if spec.arguments or spec.name[:1].isupper():
        return build.make(spec, facts)
    return framework.metric_by_text(spec.name, truth.shape, output.shape)


def floor(
    answers: Mapping[str, Answer],
    truths: Mapping[str, Array],
    train: Mapping[str, Array],
    outputs: Mapping[str, Array],
    facts: Mapping[str, Any],
    *,
    loss_weights: Any = None,
) -> dict[str, dict[str, float]]:
    """What is reached without a look at the inputs: the frequencies of the classes, the mean of the numbers."""
    trivial = {}
    for name, answer in answers.items():
        constant = _constant(answer, train[name], outputs[name].shape[1:])
        trivial[name] = np.broadcast_to(constant, outputs[name].shape).astype("float32")
    names = sorted({answer.task.floor for answer in answers.values()})
    return {"_and_".join(names): score(answers, truths, trivial, facts, loss_weights=loss_weights)}


def _constant(answer: Answer, values: Array, shape: tuple[int, ...]) -> Array:
    tiny = 1e-7
    if answer.task.kind != "classes":
        mean = values.reshape(len(values), -1).mean(axis=0).reshape(values.shape[1:])
        if answer.task.name == "multilabel" and answer.from_logits:
            mean = np.log(np.clip(mean, tiny, 1) / np.clip(1 - mean, tiny, 1))
        return np.asarray(np.broadcast_to(mean.reshape(shape) if mean.size == np.prod(shape) else mean, shape))
    count = answer.target.num_classes or 2
    numbers = answer.class_numbers(values)
    share = np.bincount(numbers, minlength=count) / max(numbers.size, 1)
    if shape[-1:] == (1,):
        positive = share[1] if count > 1 else share[0]
        return np.asarray(np.log(max(positive, tiny) / max(1 - positive, tiny)) if answer.from_logits else positive)
    return np.asarray(np.log(np.clip(share, tiny, 1)) if answer.from_logits else share)


def probabilities(answer: Answer, output: Array) -> Array | None:
    """A probability a class, in the order of the classes; None where the output is no choice among classes."""
    if answer.task.kind != "classes" or output.ndim != 2:
        return None
    values = output.astype("float64")
    if output.shape[-1] == 1:
        positive = 1 / (1 + np.exp(-np.clip(values[:, 0], -500, 500))) if answer.from_logits else values[:, 0]
        return np.column_stack([1 - positive, positive])
    if answer.from_logits:
        shifted = np.exp(values - values.max(axis=-1, keepdims=True))
        return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))
    return values
