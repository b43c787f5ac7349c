"""One training: prepare on the training rows, build, compile, fit, score, write. Folds, seeds and trials all come here."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnrun.config.config import Config
from nnrun.config.spec import Spec
from nnrun.data.dataset import Dataset
from nnrun.data.preparation import Preparation
from nnrun.data.split import Split
from nnrun.errors import ConfigError, DivergedError, NnrunError, Problem, StoppedError
from nnrun.model import build, framework
from nnrun.model.graph import graph
from nnrun.train.answers import Answer, answers, raw, target_specs
from nnrun.train.callbacks import watcher
from nnrun.train.monitors import improves
from nnrun.train.pipeline import Batches, take
from nnrun.train.predictions import write_predictions
from nnrun.train.progress import Progress
from nnrun.train.recorder import Recorder
from nnrun.train.resolve import resolved
from nnrun.train.score import floor, score
from nnrun.train.stopping import Stop
from nnrun.train.weights import class_weights

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Outcome:
    """What a training leaves in memory for the study that asked for it."""

    answers: Mapping[str, Answer]
    rows: Array  # of the scored part, in order
    truths: Mapping[str, Array]
    outputs: Mapping[str, Array]
    metrics: Mapping[str, Mapping[str, float]]
    facts: Mapping[str, Any]


def train(
    config: Config,
    dataset: Dataset,
    split: Split,
    recorder: Recorder,
    progress: Progress,
    stop: Stop,
    *,
    watch: Array | None = None,
    fold: int | None = None,
) -> Outcome:
    """Runs one training into the recorder's folder; whatever ends it is written down before it is raised again.

    `watch` are rows whose loss is recorded each epoch but by which nothing chooses (the held-out fold).
    """
    try:
        outcome = _train(config, dataset, split, recorder, progress, stop, watch, fold)
    except StoppedError as error:
        recorder.finish("stopped", error)
        raise
    except DivergedError as error:
        recorder.finish("diverged", error)
        raise
    except BaseException as error:
        recorder.finish("stopped" if isinstance(error, KeyboardInterrupt) else "failed", error)
        raise
    finally:
        progress.end()
    recorder.finish("complete")
    return outcome


def _train(
    config: Config,
    dataset: Dataset,
    split: Split,
    recorder: Recorder,
    progress: Progress,
    stop: Stop,
    watch: Array | None,
    fold: int | None,
) -> Outcome:
    began = time.perf_counter()
    framework.start(config.seed, config.runtime.threads)
    recorder.arrays("splits.npz", {"train": split.train, "validation": split.validation, "test": split.test})

    specs = target_specs(config, dataset)
    used = frozenset(column for spec in specs for column in spec.columns) | _other_columns(config)
    preparation = Preparation.fit(dataset, split.train, config.data.features, config.data.missing, used)
    inputs = preparation.apply(dataset)
    found = answers(config, dataset, split.train)
    targets = {name: answer.target.apply(raw(dataset, answer.spec), dataset.lines) for name, answer in found.items()}
    recorder.preparation(*_fitted(preparation, found))
    facts = {**preparation.facts, "num_classes": _num_classes(found)}

    shapes = {name: tuple(told["shape"]) for name, told in preparation.facts.items()}
    dtypes = {name: told["dtype"] for name, told in preparation.facts.items()}
    _held_to(config, shapes)
    network = graph(config.model, list(shapes), {name: answer.task.head() for name, answer in found.items()})
    if network.problems:
        raise ConfigError(network.problems)
    model = build.build(network, shapes, dtypes, facts, config.name)
    _check_outputs(model, network.outputs, found)
    _compile(model, config, found, facts)

    recorder.text("resolved.yaml", resolved(config, found, preparation, split))
    recorder.tell(
        task={
            name: {"task": answer.task.name, "classes": list(answer.target.classes or ())}
            for name, answer in found.items()
        },
        monitor=_monitor(config, found, bool(len(split.validation))),
        parameters=model.count_params(),
        device=framework.device(),
        keras=framework.values_in_force(),
        notes=list(preparation.notes),
    )
    if fold in (None, 1):
        for sentence in (*(answer.choice for answer in found.values()), *preparation.notes):
            progress.say(sentence)

    _fit(model, config, network.outputs, inputs, targets, found, split, watch, recorder, progress, stop)
    outcome = _score(model, network.outputs, config, inputs, targets, found, facts, split, recorder, fold)
    recorder.model(model)
    recorder.tell(seconds=round(time.perf_counter() - began, 3))
    return outcome


def _other_columns(config: Config) -> frozenset[str]:
    split = config.data.split
    named = [config.cv.group, split.column if split else None]
    return frozenset(name for name in named if name)


def _fitted(preparation: Preparation, found: Mapping[str, Answer]) -> tuple[dict[str, Any], dict[str, Any]]:
    data, arrays = preparation.save_data()
    data, arrays = (
        {"inputs": data, "targets": {}},
        {f"inputs/{name}": array for name, array in arrays.items()},
    )
    for name, answer in found.items():
        data["targets"][name] = answer.target.save_data()
    return data, arrays


def _num_classes(found: Mapping[str, Answer]) -> Any:
    counts = {name: answer.target.num_classes for name, answer in found.items() if answer.target.num_classes}
    return next(iter(counts.values())) if len(counts) == 1 else None


def _held_to(config: Config, shapes: Mapping[str, tuple[int | None, ...]]) -> None:
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


def _check_outputs(model: Any, outputs: Mapping[str, str], found: Mapping[str, Answer]) -> None:
    """A classification whose last layer has the wrong number of units would die in the middle of Keras."""
    for name, answer in found.items():
        shape = tuple(model.get_layer(outputs[name]).output.shape[1:])
        classes = answer.target.num_classes
        one_hot = answer.spec.one_hot
        if answer.task.kind == "classes" and classes and len(shape) == 1:
            sparse = "Sparse" in answer.loss.name
            binary = answer.loss.name.startswith("Binary")
            wanted = classes if one_hot or sparse else 1 if binary else None
            if wanted is not None and (shape[0] < wanted if sparse else shape[0] != wanted):
                raise ConfigError(
                    [
                        Problem(
                            f"the output {name!r} has {shape[0]} units for {classes} classes",
                            _where_of(answer),
                            f"{wanted} units",
                            "leave `outputs` out and the task adds the right head",
                        )
                    ]
                )
        width = answer.width
        if answer.task.kind == "number" and width is not None and shape not in ((width,), ()) and len(shape) == 1:
            raise ConfigError(
                [
                    Problem(
                        f"the output {name!r} has {shape[0]} units for {width} target columns",
                        _where_of(answer),
                        f"{width} units",
                    )
                ]
            )


def _where_of(answer: Answer) -> Any:
    return answer.spec.where if answer.spec.where.file else None


def _compile(model: Any, config: Config, found: Mapping[str, Answer], facts: Mapping[str, Any]) -> None:
    several = len(model.outputs) > 1
    losses = {name: build.make(answer.loss, facts) for name, answer in found.items()}
    metrics = {name: [_metric(spec, facts) for spec in answer.metrics] for name, answer in found.items()}
    weighted = {name: [_metric(spec, facts) for spec in answer.weighted_metrics] for name, answer in found.items()}
    only = next(iter(found))
    weights = config.compile.loss_weights
    try:
        model.compile(
            optimizer=build.make(config.compile.optimizer, facts),
            loss=losses if several else losses[only],
            loss_weights=weights if several else weights.get(only, 1.0) if isinstance(weights, Mapping) else weights,
            metrics=metrics if several else metrics[only],
            weighted_metrics=(weighted if several else weighted[only]) if any(weighted.values()) else None,
            run_eagerly=config.runtime.run_eagerly,
            steps_per_execution=config.runtime.steps_per_execution or 1,
            **config.compile.others,
        )
    except NnrunError:
        raise
    except Exception as error:
        raise build.refused(Spec("compile", {}, config.document.key(("compile",))), error) from None


def _metric(spec: Spec, facts: Mapping[str, Any]) -> Any:
    return build.make(spec, facts) if spec.arguments or spec.name[:1].isupper() else spec.name


def _fit(
    model: Any,
    config: Config,
    outputs: Mapping[str, str],
    inputs: Any,
    targets: Any,
    found: Mapping[str, Answer],
    split: Split,
    watch: Array | None,
    recorder: Recorder,
    progress: Progress,
    stop: Stop,
) -> None:
    fit = config.fit
    x, y = _packed(inputs, targets, outputs, split.train)
    weights = class_weights(config, found, {name: target[split.train] for name, target in targets.items()})
    batches = Batches(x, y, weights, batch_size=fit.batch_size, seed=config.seed, shuffle=fit.shuffle)
    seen = split.validation if len(split.validation) else watch if watch is not None else np.array([], int)
    validation = None
    if len(seen):
        vx, vy = _packed(inputs, targets, outputs, seen)
        size = fit.others.get("validation_batch_size") or fit.batch_size
        validation = Batches(vx, vy, None, batch_size=size, seed=0, shuffle=False).dataset
    steps = fit.others.get("steps_per_epoch") or batches.steps
    recorder.plan_steps(steps * fit.epochs)
    progress.begin(recorder.path.name, fit.epochs, steps)
    keras_callbacks = [
        *(_callback(spec, model) for spec in _callbacks(config, found, len(split.validation) > 0)),
        watcher(recorder, progress, stop, batches),
    ]
    others = {key: value for key, value in fit.others.items() if key != "validation_batch_size"}
    dataset = batches.dataset.repeat() if "steps_per_epoch" in others else batches.dataset
    try:
        model.fit(
            dataset,
            epochs=fit.epochs,
            validation_data=validation,
            callbacks=keras_callbacks,
            shuffle=False,
            verbose=0,
            **others,
        )
    except NnrunError:
        raise
    except Exception as error:  # a shape or a dtype that only the first batch brings to light
        if type(error).__module__.startswith(("keras", "tensorflow")) or isinstance(error, ValueError | TypeError):
            raise build.refused(Spec("the training", {}, config.document.key(("fit",))), error) from error
        raise


def _packed(inputs: Mapping[str, Array], targets: Mapping[str, Array], outputs: Mapping[str, str], rows: Array) -> Any:
    """Inputs and targets of some rows as Keras takes them: bare where there is only one."""
    x = take(inputs, rows)
    y = take(targets, rows)
    return (x if len(x) > 1 else next(iter(x.values()))), (y if len(outputs) > 1 else next(iter(y.values())))


def _callbacks(config: Config, found: Mapping[str, Answer], has_validation: bool) -> list[Spec]:
    """The written callbacks; `keep: best` is Keras' own EarlyStopping with endless patience."""
    specs = list(config.fit.callbacks)
    if config.fit.keep == "best":
        monitor = _monitor(config, found, has_validation)
        specs.append(
            Spec(
                "EarlyStopping",
                {
                    "monitor": monitor["name"],
                    "mode": monitor["mode"],
                    "patience": config.fit.epochs,
                    "restore_best_weights": True,
                },
                slot="callbacks",
            )
        )
    return specs


def _callback(spec: Spec, model: Any) -> Any:  # noqa: ARG001
    return build.make(spec, {})


def _monitor(config: Config, found: Mapping[str, Answer], has_validation: bool) -> dict[str, str]:  # noqa: ARG001
    for spec in config.fit.callbacks:
        if spec.name == "EarlyStopping":
            name = str(spec.arguments.get("monitor", "val_loss"))
            mode = spec.arguments.get("mode", "auto")
            return {"name": name, "mode": mode if mode in ("min", "max") else improves(name)}
    return {"name": "val_loss" if has_validation else "loss", "mode": "min"}


def _score(
    model: Any,
    outputs: Mapping[str, str],
    config: Config,
    inputs: Any,
    targets: Any,
    found: Mapping[str, Answer],
    facts: Mapping[str, Any],
    split: Split,
    recorder: Recorder,
    fold: int | None,
) -> Outcome:
    parts: dict[str, dict[str, float]] = {}
    floors: dict[str, Any] = {}
    predicted = []
    extra = float(sum(float(loss) for loss in model.losses)) if model.losses else 0.0
    last: tuple[Array, dict[str, Array], dict[str, Array]] = (np.array([], int), {}, {})
    parts["train"] = _training_scores(recorder, config)
    for part, rows in (("validation", split.validation), ("test", split.test)):
        if not len(rows):
            continue
        x, _ = _packed(inputs, targets, outputs, rows)
        answer = _predict(model, x, outputs)
        truths = {name: target[rows] for name, target in targets.items()}
        weights = config.compile.loss_weights
        parts[part] = score(found, truths, answer, facts, loss_weights=weights, extra_loss=extra)
        train_truths = {name: target[split.train] for name, target in targets.items()}
        floors[part] = floor(found, truths, train_truths, answer, facts, loss_weights=weights)
        predicted.append((part, rows, truths, answer))
        last = (rows, truths, answer)
    recorder.data("metrics.json", {"format": 1, **parts, "floor": floors})
    write_predictions(recorder, found, predicted, fold)
    bad = [
        f"{part} {name}" for part, values in parts.items() for name, value in values.items() if not math.isfinite(value)
    ]
    if bad:
        recorder.log(f"not finite: {', '.join(bad)}")
    return Outcome(found, *last, parts, facts)


def _predict(model: Any, x: Any, outputs: Mapping[str, str]) -> dict[str, Array]:
    raw_output = model.predict(x, batch_size=256, verbose=0)
    if isinstance(raw_output, dict):
        return {name: np.asarray(raw_output[name]) for name in outputs}
    return {next(iter(outputs)): np.asarray(raw_output)}


def _training_scores(recorder: Recorder, config: Config) -> dict[str, float]:
    """The training part as `fit` scored it in the epoch whose weights are kept."""
    rows = recorder.rows
    kept = rows[-1] if rows else {}
    for spec in config.fit.callbacks:
        if spec.name == "EarlyStopping" and spec.arguments.get("restore_best_weights") and rows:
            name = str(spec.arguments.get("monitor", "val_loss"))
            best = max if improves(name) == "max" else min
            kept = best((row for row in rows if name in row), key=lambda row: row[name], default=kept)
    if config.fit.keep == "best" and rows:
        kept = min((row for row in rows if "val_loss" in row), key=lambda row: row["val_loss"], default=kept)
    skipped = ("epoch", "seconds", "learning_rate")
    return {name: value for name, value in kept.items() if name not in skipped and not name.startswith("val_")}


__all__ = ["Outcome", "train"]
