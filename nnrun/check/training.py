"""What `compile` and `fit` say, held against outputs, targets, figures and what training will log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun import catalogue, tasks
from nnrun.check import imbalance, recipes
from nnrun.check.data import Seen, may_be_array
from nnrun.check.model import task_of
from nnrun.config.config import Config
from nnrun.config.sections import UNCERTAINTY
from nnrun.config.spec import Spec
from nnrun.errors import Problem, did_you_mean, listing, one_of
from nnrun.model import losses, metrics
from nnrun.model.logged import SIGMA, metric_name
from nnrun.report.draw import names as figure_names

# Keras' losses that read class numbers.
_OF_CLASS_NUMBERS = ("SparseCategoricalCrossentropy", "CategoricalGeneralizedCrossEntropy", "Circle", "CTC")


def problems(config: Config, seen: Seen, *, cross_validation: bool) -> list[Problem]:
    """All of them, in no particular order."""
    outputs = _outputs(config, seen)
    if config.models:
        return [*_monitors(config, seen, outputs, cross_validation=cross_validation), *_figures(config)]
    return [
        *_tasks(config),
        *_by_output(config, seen, outputs),
        *_monitors(config, seen, outputs, cross_validation=cross_validation),
        *_losses(config, seen, outputs),
        *imbalance.problems(config, seen, outputs, has_validation=cross_validation or _has_validation(config, seen)),
        *_figures(config),
    ]


def _outputs(config: Config, seen: Seen) -> list[str]:
    """The names of the outputs that are trained, where they are known: those of a target, or the only one."""
    if config.model.outputs:
        named = [output.name for output in config.model.outputs]
        if named != [None]:
            trained = [str(name) for name in named if name in seen.targets or not seen.targets]
            return [] if config.model.losses and not seen.targets else trained or [str(name) for name in named]
    if config.task == "multilabel" and len(seen.targets) > 1:
        return ["labels"]
    return list(seen.targets)


def _tasks(config: Config) -> list[Problem]:
    known = tasks.names()
    written = config.task.items() if isinstance(config.task, Mapping) else ((None, config.task),)
    found = []
    for output, name in written:
        if name is not None and name not in known:
            hint = did_you_mean(name, known)
            if name in ("classification", "categorical", "classifier"):
                hint = "binary is for two classes, multiclass for more; leave it out, and the target decides"
            where = config.document.value(("task",) if output is None else ("task", output))
            found.append(Problem(f"there is no task {name!r}", where, one_of(known), hint))
    return found


def _by_output(config: Config, seen: Seen, outputs: list[str]) -> list[Problem]:
    found = []
    if config.compile.loss_weights == UNCERTAINTY and len(outputs) == 1:
        what = "loss_weights: uncertainty weighs the losses of several outputs, and one is trained"
        found.append(Problem(what, config.document.value(("compile", "loss_weights")), hint="leave it out"))
    for key in ("loss", "metrics", "weighted_metrics", "loss_weights"):
        value = getattr(config.compile, key)
        known = [*outputs, *(str(loss.name) for loss in config.model.losses if key == "loss_weights")]
        for name in value if isinstance(value, Mapping) and known else ():
            if name not in known:
                what = f"{key} names {name!r}, which is no output that is trained"
                where = config.document.key(("compile", key, name))
                found.append(Problem(what, where, one_of(known), did_you_mean(str(name), known)))
    if isinstance(config.task, Mapping) and outputs and not config.family:
        for name in config.task:
            if name not in outputs:
                found.append(
                    Problem(
                        f"task names {name!r}, which is no output",
                        config.document.key(("task", name)),
                        one_of(outputs),
                        did_you_mean(str(name), outputs),
                    )
                )
    several = max(len(seen.targets), len(config.model.outputs)) > 1 and config.task != "multilabel"
    named = dict.fromkeys(output.name for output in config.model.outputs)
    places = {target.name: target.where for target in config.data.targets}
    for name in seen.targets if several and named else ():
        if name not in named:
            found.append(
                Problem(
                    f"the target {name!r} has no output of its name",
                    places.get(name) or config.document.key(("model", "outputs")),
                    f"outputs: {{{name}: ...}}",
                    f"the outputs are {listing([str(each) for each in named if each])}" if any(named) else "",
                )
            )
    return found


def _monitors(config: Config, seen: Seen, outputs: list[str], *, cross_validation: bool) -> list[Problem]:
    """A monitor that does not exist only warns in Keras; here it is an error before training."""
    has_validation = cross_validation or _has_validation(config, seen)
    found = []
    names = logged(config, seen, outputs)
    for index, spec in enumerate(config.fit.callbacks):
        component = catalogue.find("callbacks", spec.name)
        parameter = component.parameter("monitor") if component else None
        if parameter is None:
            continue
        monitor = spec.arguments.get("monitor", parameter.default)
        place = config.document.key(("fit", "callbacks", index, spec.name, "monitor"))
        if not isinstance(monitor, str):
            continue
        if monitor.startswith("val_") and not has_validation:
            found.append(
                Problem(
                    f"{spec.name} watches {monitor}, and there is no validation part",
                    place,
                    hint="add `data: {split: {validation: 0.15}}`",
                )
            )
        elif names is not None and monitor not in names:
            what = f"{spec.name} watches {monitor!r}, which is not logged"
            found.append(Problem(what, place, one_of(names), did_you_mean(monitor, names)))
    if config.fit.keep == "best" and not has_validation and not config.models:
        found.append(
            Problem(
                "keep: best, and there is no validation part to choose by",
                config.document.key(("fit", "keep")),
                hint="add `data: {split: {validation: 0.15}}`",
            )
        )
    return found


def _has_validation(config: Config, seen: Seen) -> bool:
    split = config.data.split
    return (
        config.data.validation is not None or split is None or bool(split.validation) or "validation" in seen.peek.parts
    )


def logged(config: Config, seen: Seen, outputs: list[str]) -> list[str] | None:
    """The names that an epoch will log, first those of training; None where the task is not known yet."""
    if config.models:
        found = recipes.of(config)
        own = ["loss", *(found.logged if found is not None else ())]
        return [*own, *(f"val_{name}" for name in own)]
    if not outputs and not config.model.losses:
        return None
    graph_losses = [str(loss.name) for loss in config.model.losses]
    several = max(len(outputs), len(config.model.outputs)) + len(graph_losses) > 1
    parted = len(outputs) + len(graph_losses) > 1
    beside = recipes.of(config)
    names, held_out = ["loss", *(graph_losses if parted else ()), *(beside.logged if beside is not None else ())], []
    for output in outputs:
        prefix = f"{output}_" if several else ""
        specs = _by_name(config.compile.metrics, output)
        task, loss = task_of(config, seen, output), config.compile.loss_of(output)
        if specs is None:
            if task is None:
                return None
            facts = tasks.Facts(num_classes=seen.peek.num_classes)
            usual = tasks.get(task, facts)
            specs = losses.usual_metrics(loss, usual.metrics, usual.kind)
        plain = [metric_name(spec) for spec in specs]
        late = [metric_name(spec) for spec in specs if metrics.is_ours(spec, _scored(config, seen, output))]
        others = [metric_name(spec) for spec in _by_name(config.compile.weighted_metrics, output) or ()]
        twins = [f"weighted_{name}" if name in plain else name for name in others]  # as Keras tells them apart
        names += [prefix + name for name in (*plain, *twins) if name not in late]
        names += [f"{output}_loss"] if parted else []
        names += [output + SIGMA] if config.compile.loss_weights == UNCERTAINTY else []
        held_out += [f"val_{prefix}{name}" for name in late]
    return [*names, *(f"val_{name}" for name in names), *held_out]


def _by_name(written: Any, output: str) -> Any:
    """The metrics of an output, where they are written."""
    return written.get(output, ()) if isinstance(written, Mapping) else written


def _scored(config: Config, seen: Seen, output: str) -> metrics.Scored:
    """What the metrics of an output compare, as far as it is known; a target that may be classes counts as classes."""
    task, loss = task_of(config, seen, output), config.compile.loss_of(output)
    return metrics.Scored(
        of_classes=task not in ("regression", "multilabel"),
        one_hot=_one_hot(config, output),
        num_classes=seen.peek.num_classes,
        estimates=losses.units(loss) is None and task != "embedding",
    )


def _one_hot(config: Config, output: str) -> bool:
    written = {str(target.name): target.one_hot for target in config.data.targets}
    return written.get(output, next(iter(written.values()), False))


def _losses(config: Config, seen: Seen, outputs: list[str]) -> list[Problem]:
    """Losses and metrics that cannot work on the target as it is written."""
    found = []
    for output in outputs or [""]:
        loss = config.compile.loss_of(output)
        if loss is not None:
            found += losses.problems(loss)
            for part in losses.parts(loss):
                found += _loss(config, seen, output, part)
        specs = _by_name(config.compile.metrics, output) or ()
        found += _twins(specs)
        for spec in specs:
            found += _metric(config, seen, output, spec)
        for spec in _by_name(config.compile.weighted_metrics, output) or ():
            found += _metric(config, seen, output, spec, weighted=True)
    return found


def _loss(config: Config, seen: Seen, output: str, loss: Spec) -> list[Problem]:
    """A loss that holds no other."""
    hot = _one_hot(config, output)
    written = [str(target.name) for target in config.data.targets]
    name = output if output in written else next(iter(written), seen.peek.target)
    if loss.name in ("CategoricalCrossentropy", "CategoricalFocalCrossentropy", "CategoricalHinge") and not (
        hot or may_be_array(config, seen, name)
    ):
        what = f"the loss {loss.name} wants a one-hot target"
        expected = f"`target: {{one_hot: {name or 'label'}}}` under data"
        return [Problem(what, loss.where, expected, "or SparseCategoricalCrossentropy")]
    if _compares_numbers(loss) and not hot and task_of(config, seen, output) == "multiclass":
        return [
            Problem(
                f"the loss {loss.name} compares numbers, and the target has class numbers",
                loss.where,
                "SparseCategoricalCrossentropy",
                "or `task: regression`, where the classes are amounts",
            )
        ]
    if loss.name == "SparseCategoricalCrossentropy" and hot:
        return [
            Problem(
                "the loss SparseCategoricalCrossentropy wants class numbers, and the target is one-hot",
                loss.where,
                hint="write CategoricalCrossentropy, or the target without one_hot",
            )
        ]
    return []


def _compares_numbers(loss: Spec) -> bool:
    """Keras would stretch the class numbers over all outputs, and train on nonsense without a word."""
    named = loss.name[:1].isupper() and loss.name not in _OF_CLASS_NUMBERS
    return named and not losses.is_own(loss)


def _twins(specs: tuple[Spec, ...]) -> list[Problem]:
    """Two metrics of one name would be one column of the history."""
    found, seen = [], set()
    for spec in specs:
        name = metric_name(spec)
        if name in seen:
            hint = f"give one of them a name: `{spec.name}: {{..., name: another_{name}}}`"
            found.append(Problem(f"two metrics are named {name!r}", spec.where, hint=hint))
        seen.add(name)
    return found


def _metric(config: Config, seen: Seen, output: str, spec: Spec, *, weighted: bool = False) -> list[Problem]:
    if spec.name == "Accuracy" and task_of(config, seen, output) != "regression":
        return [
            Problem(
                "the metric Accuracy compares numbers with class probabilities",
                spec.where,
                "`accuracy`, in small letters",
            )
        ]
    if task_of(config, seen, output) is None and not _one_hot(config, output):
        return []  # nobody knows yet what it compares
    problem = metrics.problem(spec, _scored(config, seen, output), weighted=weighted)
    return [problem] if problem else []


def _figures(config: Config) -> list[Problem]:
    known = figure_names()
    return [
        Problem(
            f"there is no figure {name!r}",
            config.document.value(("report", "figures", index)),
            one_of(known),
            did_you_mean(name, known),
        )
        for index, name in enumerate(config.report.figures or ())
        if name not in known
    ]
