"""Predictions to scores: the compiled loss and metrics on whole parts, and the trivial answer that has to be beaten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nnrun.config.spec import Spec
from nnrun.model import build, framework, losses
from nnrun.model.masks import masked
from nnrun.model.metrics import takes_answers
from nnrun.training.answers import Answer
from nnrun.training.asked import of_asked
from nnrun.training.numbers import numbers

Array = np.ndarray[Any, Any]
BATCH = 8192
TINY = 1e-7  # the least probability, so that its logarithm is a number


def score(
    answers: Mapping[str, Answer],
    truths: Mapping[str, Array],
    outputs: Mapping[str, Array],
    facts: Mapping[str, Any],
    *,
    loss_weights: Any = None,
    extra_loss: float = 0.0,
    batch_size: int = BATCH,
    graph_losses: Sequence[str] = (),
    thresholds: Mapping[str, Any] | None = None,
    masks: Mapping[str, Array] | None = None,
) -> dict[str, float]:
    """Loss and metrics by Keras' names; `extra_loss` are the model's regularization losses.

    Several outputs: each as `<output>_<metric>`, and `loss` the weighted sum; `graph_losses` are outputs that are
    losses themselves. `batch_size` is for losses in which a row
    depends on the others of its batch: the same as in training. `thresholds` are by output, one or one a row; what
    reads the class that is answered goes by them. `masks` are those of Keras by output: steps that do not count.
    """
    several, parted = len(outputs) > 1, len(answers) + len(graph_losses) > 1
    result: dict[str, float] = {"loss": 0.0}
    for name, answer in answers.items():
        prefix = f"{name}_" if several else ""
        truth, output = truths[name], outputs[name]
        mask = (masks or {}).get(name)
        at_once = batch_size if losses.is_of_batches(answer.loss) or mask is not None else BATCH
        loss = _mean_loss(build.make(answer.loss, facts), truth, output, at_once, mask)
        weight = loss_weights.get(name, 1.0) if isinstance(loss_weights, Mapping) else 1.0
        result["loss"] += weight * loss
        if parted:
            result[f"{name}_loss"] = loss
        # The loss is in the unit that is learned, the metrics in that of the data.
        truth, output = answer.target.unapply(truth), answer.target.unapply(output)
        decided = answered(answer, output, thresholds[name]) if thresholds and name in thresholds else None
        metrics = [_metric(spec, facts, truth, output, answer) for spec in answer.compiled_metrics]
        weighted = [_metric(spec, facts, truth, output, answer) for spec in answer.weighted_metrics]
        taken = {metric.name for metric in metrics}
        for spec, metric in zip(
            (*answer.compiled_metrics, *answer.weighted_metrics), (*metrics, *weighted), strict=True
        ):
            given = output if decided is None or not takes_answers(spec) else decided
            for start in range(0, len(truth), BATCH):
                piece = slice(start, start + BATCH)
                metric.update_state(truth[piece], masked(given[piece], None if mask is None else mask[piece]))
            value = metric.result()
            twin = metric in weighted and metric.name in taken  # Keras calls it so, beside the one without weights
            named = value if isinstance(value, Mapping) else {f"weighted_{metric.name}" if twin else metric.name: value}
            result.update({prefix + key: number for key, number in numbers(named).items()})
        if mask is not None:
            truth, output = truth[mask], output[mask]
        result.update({prefix + key: number for key, number in measured(answer, truth, output, decided).items()})
    for name in graph_losses:
        mean = float(np.mean(outputs[name], dtype=np.float64))
        result["loss"] += (loss_weights.get(name, 1.0) if isinstance(loss_weights, Mapping) else 1.0) * mean
        result |= {name: mean} if parted else {}
    result["loss"] += extra_loss
    return result


def measured(answer: Answer, truth: Array, output: Array, decided: Array | None = None) -> dict[str, float]:
    """The metrics that Keras does not compute, by their names, of a whole part; `decided` is what `answered` gave."""
    if answer.spec.masked is not None and answer.measures:
        truth, output = truth[truth > 0], output[truth > 0]
    shares = probabilities(answer, output.reshape(-1, output.shape[-1]) if answer.task.everywhere else output)
    sure = None if decided is None else decided if decided.shape[-1] > 1 else np.hstack([1 - decided, decided])
    found = {}
    for measure in answer.measures:
        if measure.reads != "classes":
            found[measure.name] = measure.of(truth, output)
        elif shares is not None:
            given = shares if sure is None or not measure.reads_answers else sure
            found[measure.name] = measure.of(answer.class_numbers(truth), given)
    return found


def _mean_loss(loss: Any, truth: Array, output: Array, at_once: int, mask: Array | None = None) -> float:
    total = 0.0
    for start in range(0, len(truth), at_once):
        part = slice(start, start + at_once)
        given = masked(output[part], None if mask is None else mask[part])
        total += float(loss(truth[part], given)) * len(truth[part])
    return total / max(len(truth), 1)


def _metric(spec: Spec, facts: Mapping[str, Any], truth: Array, output: Array, answer: Answer) -> Any:
    """A fresh metric object; a metric's text is read by the output's shape, as Keras itself does it."""
    if answer.spec.masked is not None:
        return of_asked(spec, facts)
    if not build.is_text(spec):
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
    batch_size: int = BATCH,
    masks: Mapping[str, Array] | None = None,
    train_masks: Mapping[str, Array] | None = None,
) -> dict[str, dict[str, float]]:
    """What is reached without a look at the inputs: the frequencies of the classes, the mean of the numbers.

    `masks` are those of the rows that are scored, `train_masks` of the training rows: masked steps are not counted.
    """
    trivial = {}
    for name, answer in answers.items():
        values, mask = train[name], (train_masks or {}).get(name)
        counted = values[mask] if mask is not None and answer.task.everywhere else values
        constant = _constant(answer, counted, outputs[name].shape[1:])
        trivial[name] = np.broadcast_to(constant, outputs[name].shape).astype("float32")
    names = sorted({_floor_name(answer, train[name]) for name, answer in answers.items()})
    if not names:
        return {}
    how: dict[str, Any] = {"loss_weights": loss_weights, "batch_size": batch_size, "masks": masks}
    found = score(answers, truths, {**outputs, **trivial}, facts, **how)
    means = _own_means(answers, train, outputs)
    if means:  # the best constant for the loss is not that for metrics in another unit
        own = score(answers, truths, {**outputs, **trivial, **means}, facts, **how)
        found = {key: value if key == "loss" or key.endswith("_loss") else own[key] for key, value in found.items()}
    return {"_and_".join(names): found}


def _own_means(
    answers: Mapping[str, Answer], train: Mapping[str, Array], outputs: Mapping[str, Array]
) -> dict[str, Array]:
    """For targets whose preparation is undone in metrics: the mean in their unit, as the output would give it."""
    found = {}
    for name, answer in answers.items():
        transform = answer.target.transform
        if transform is not None and transform.undone and answer.task.kind == "number":
            mean, shape = transform.mean(train[name]), outputs[name].shape
            if mean.size in (1, int(np.prod(shape[1:]))):
                constant = mean.reshape(shape[1:]) if mean.size == np.prod(shape[1:]) else mean.ravel()[0]
                found[name] = np.broadcast_to(constant, shape).astype("float32")
    return found


def _floor_name(answer: Answer, values: Array) -> str:
    if losses.aligns(answer.loss):
        return "uniform"
    return answer.task.floor if losses.trivial(answer.loss, values) is None else "best_constant"


def _constant(answer: Answer, values: Array, shape: tuple[int, ...]) -> Array:
    if answer.task.places:
        return np.zeros(shape)  # every row at one place
    if losses.aligns(answer.loss):
        return np.zeros(shape)  # logits: every class as likely as the others, at every step
    rule = losses.trivial(answer.loss, values)
    if rule is not None:
        return np.asarray(np.broadcast_to(rule, shape))
    if answer.task.kind != "classes" and losses.reads_class_numbers(answer.loss) and values.ndim == len(shape):
        share = _shares_of_steps(answer, values, shape[-1])
        return np.asarray(np.broadcast_to(np.log(np.clip(share, TINY, 1)) if answer.from_logits else share, shape))
    if answer.task.kind != "classes":
        mean = values.reshape(len(values), -1).mean(axis=0).reshape(values.shape[1:])
        if losses.parts(answer.loss)[0].name.startswith("Categorical"):
            mean = _shares_of_columns(answer, mean)
        elif answer.task.name == "multilabel" and answer.from_logits:
            mean = np.log(np.clip(mean, TINY, 1) / np.clip(1 - mean, TINY, 1))
        return np.asarray(np.broadcast_to(mean.reshape(shape) if mean.size == np.prod(shape) else mean, shape))
    counts = answer.counts(values)
    if answer.loss.name == "Masked" and answer.target.everywhere:  # what does not count has no share
        counts = np.where(np.arange(len(counts)) == answer.loss.arguments.get("ignore", 0), 0, counts)
    return as_output(answer, counts / max(counts.sum(), 1), shape[-1])


def as_output(answer: Answer, share: Array, units: int) -> Array:
    """The output of so many units that says the probability of each class, on the last axis: `probabilities` undone."""
    if units == 1:
        positive = np.clip(share[..., -1:] if share.shape[-1] < 2 else share[..., 1:2], TINY, 1 - TINY)
        return np.asarray(np.log(positive / (1 - positive)) if answer.from_logits else positive)
    wide = [(0, 0)] * (share.ndim - 1) + [(0, max(units - share.shape[-1], 0))]
    share = np.pad(share, wide)
    return np.asarray(np.log(np.clip(share, TINY, 1)) if answer.from_logits else share)


def _shares_of_steps(answer: Answer, values: Array, count: int) -> Array:
    """The share of each class among the steps of all rows that count."""
    numbers = values.astype(int).ravel()
    if answer.loss.name == "Masked":
        numbers = numbers[numbers != answer.loss.arguments.get("ignore", 0)]
    return np.asarray(np.bincount(numbers, minlength=count) / max(numbers.size, 1))


def _shares_of_columns(answer: Answer, mean: Array) -> Array:
    """Of classes that are columns at every step, the share of each: of those that count, and as the output gives it."""
    if answer.loss.name == "Masked":
        mean = mean.copy()
        mean[..., answer.loss.arguments.get("ignore", 0)] = 0.0
        mean /= np.maximum(mean.sum(axis=-1, keepdims=True), TINY)
    return np.asarray(np.log(np.clip(mean, TINY, 1)) if answer.from_logits else mean)


def positives(answer: Answer, output: Array) -> Array:
    """The probability of the second of two classes (rows,), or of each label (rows, labels)."""
    shares = probabilities(answer, output)
    if shares is not None:
        return np.asarray(shares[:, 1])
    values = output.astype("float64")
    return 1 / (1 + np.exp(-np.clip(values, -500, 500))) if answer.from_logits else values


def answered(answer: Answer, output: Array, threshold: Any) -> Array:
    """The output as if it were sure: 1 where the probability is above a threshold, one for all rows or one a row."""
    found = positives(answer, output)
    yes = found > (np.reshape(threshold, (-1, *(1 for _ in found.shape[1:]))) if np.ndim(threshold) else threshold)
    if answer.task.kind == "classes":
        yes = np.column_stack([~yes, yes]) if output.shape[-1] == 2 else yes[:, None]
    return np.asarray(yes, dtype=output.dtype)


def probabilities(answer: Answer, output: Array) -> Array | None:
    """A probability a class, in the order of the classes; None where the output is no choice among classes."""
    if answer.task.kind != "classes" or answer.task.places or output.ndim != 2:
        return None
    values = output.astype("float64")
    if output.shape[-1] == 1:
        positive = 1 / (1 + np.exp(-np.clip(values[:, 0], -500, 500))) if answer.from_logits else values[:, 0]
        return np.column_stack([1 - positive, positive])
    if answer.from_logits:
        shifted = np.exp(values - values.max(axis=-1, keepdims=True))
        return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))
    return values
